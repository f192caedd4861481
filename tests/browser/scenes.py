"""The scenes of the gallery, in the order in which they are played."""

import signal
from dataclasses import replace

from browser.scenery import Scenery, card_in, dismiss_all, toast_in
from limner.domain.progress import Stage, queued_object
from stage.process import Process

NOBODY = "00000000-0000-4000-8000-000000000000"
PEOPLE = {
    "Inga": "Silver hair cut short, a scar over one eye, a coat too large for her.",
    "Tobias Winterbourne-Ashgrove": "The archivist. Ink on every finger, a pocket full of keys.",
    "Maro": "Nine years old, never without the lantern.",
    "Old Hale": "",
    "Sefi": "She says little, and sees the rest.\nA braid to the waist; green glass beads.",
    "The Ferryman": "Nobody has seen the face under the hood, and those who asked are not there "
    "any more to say what they saw; of the hands one knows that they are young. " * 2,
    "Quill": "A clerk.",
    "Brother Anselm": "Round, cheerful, afraid of bridges.",
    "Nadja": "The cook's daughter.",
}
LATE_MS, PAST_MS, STEP_MS = 110_000, 32_000, 11_000


async def play(scene: Scenery) -> None:
    """All scenes."""
    await _nothing_yet(scene)
    scene = await _a_story(scene)
    await _stories(scene)
    await _dialogs(scene)
    async with scene.worker(LIMNER_AVATAR_SECONDS="30", LIMNER_WORKER_CONCURRENCY="5") as painter:
        await _drawing(scene, painter)
    await _operators(scene)
    await _toasts(scene)
    await _without_a_server(scene)


async def _nothing_yet(scene: Scenery) -> None:
    eyes, author = scene.eyes, scene.author
    await eyes.go(author.address, ".welcome")
    await eyes.keep("no-stories")
    plot_id = await author.plot("An Empty Stage")
    await eyes.go(f"{author.address}/?plot={plot_id}", "[data-connection=live] .empty")
    await eyes.keep("empty-story")
    await author.ask("DELETE", f"/api/plots/{plot_id}")
    await eyes.wait("[data-connection=gone]")
    await eyes.keep("story-deleted-by-another")
    await eyes.go(f"{author.address}/?plot={NOBODY}", "[data-connection=gone]")
    await eyes.keep("story-not-there")


async def _a_story(scene: Scenery) -> Scenery:
    """People of whom some are drawn, one was refused and one canceled."""
    author = scene.author
    plot_id = await author.plot("The Salt Road", style="Ink and watercolour, late light")
    ids = {name: await author.character(plot_id, name, words) for name, words in PEOPLE.items()}
    async with scene.worker(LIMNER_AVATAR_SECONDS="0"):
        for name in ("Inga", "Maro", "Inga"):
            await author.draw(ids[name], prompt=f"{name}, {PEOPLE[name]} {len(ids)}")
            await author.finished(ids[name])
        await author.draw(ids["Inga"], prompt="Silver hair, a scar, older now")
        await author.finished(ids["Inga"])
        await author.draw(ids["The Ferryman"], provider="avatar", model="oil-on-copper")
        await author.finished(ids["The Ferryman"])
    await author.draw(ids["Brother Anselm"])
    await author.ask("POST", f"/api/characters/{ids['Brother Anselm']}/image/cancel")
    return replace(scene, plot_id=plot_id, ids=ids)


async def _stories(scene: Scenery) -> None:
    for title, style in (
        ("A Winter in Tallinn", ""),
        ("What the Lighthouse Keeper Never Told the Children of the Second Ferry", "Linocut"),
        ("Dust", "Charcoal, very loose, on brown paper"),
    ):
        await scene.author.plot(title, style=style)
    await scene.eyes.go(scene.author.address, ".book")
    await scene.eyes.keep("stories")


async def _dialogs(scene: Scenery) -> None:
    eyes, story = scene.eyes, scene.story
    for name, query in {
        "dialog-new-story": "/?dialog=new",
        "dialog-edit-story": f"/?plot={scene.plot_id}&dialog=story",
        "dialog-add": f"/?plot={scene.plot_id}&dialog=add",
        "dialog-edit": f"/?plot={scene.plot_id}&dialog=edit&character={scene.of('Inga')}",
    }.items():
        await eyes.go(scene.author.address + query, "dialog[open]")
        await eyes.keep(name)
    await eyes.each(lambda page: page.get_by_role("button", name="Delete character…").click())
    await eyes.keep("dialog-delete")
    await eyes.go(f"{story}&dialog=add", "dialog[open]")
    await eyes.each(lambda page: page.get_by_label("Name").fill(" "))
    await eyes.each(lambda page: page.get_by_role("button", name="Add character").click())
    await eyes.wait("[aria-invalid=true]")
    await eyes.keep("dialog-objection")
    await eyes.go(f"{story}&dialog=portrait&character={scene.of('Inga')}", ".strip img")
    await eyes.keep("portrait")
    await eyes.each(lambda page: page.get_by_text("The words it was drawn from").click())
    await eyes.each(lambda page: page.locator(".strip a").last.click())
    await eyes.keep("portrait-earlier")


async def _drawing(scene: Scenery, painter: Process) -> None:
    """Everything that a card can show, on one board."""
    eyes, author = scene.eyes, scene.author
    await eyes.go(scene.story, "[data-connection=live]")
    await eyes.keep("before-drawing")
    for name in ("Sefi", "Inga", "Quill", "Old Hale", "Maro"):
        await author.draw(scene.of(name))
        await eyes.wait(card_in(scene.of(name), "drawing"))
    painter.send(signal.SIGSTOP)
    try:
        for place, name in enumerate(("Tobias Winterbourne-Ashgrove", "Nadja")):
            task = await author.draw(scene.of(name))
            await eyes.wait(card_in(scene.of(name), "waiting"))
            await scene.bus.hint(
                scene.plot_id, queued_object(scene.of(name), task["task_id"], 3 * place)
            )
        await eyes.keep("drawing-just-begun", whole=True)
        await _tell_progress(scene)
        await eyes.each(
            lambda page: page.get_by_text("Details").locator("visible=true").first.click()
        )
        await eyes.each(lambda page: page.evaluate("scrollTo(0, 0)"))
        await eyes.keep("drawing-first-screen")
        await eyes.each(dismiss_all)
        await eyes.keep("drawing", whole=True)
        await _tell_progress(scene)
        await eyes.each(lambda page: page.clock.fast_forward(PAST_MS))
        await _tell_progress(scene)
        await eyes.keep("past-the-estimate", whole=True)
        await eyes.each(lambda page: page.context.set_offline(offline=True))
        await eyes.wait("[data-connection=offline]")
        await eyes.keep("offline", whole=True)
        await eyes.each(lambda page: page.context.set_offline(offline=False))
        await eyes.wait("[data-connection=live]")
        await eyes.each(lambda page: page.clock.fast_forward(LATE_MS))
        await eyes.wait("[data-phase=late]")
        await eyes.keep("timed-out", whole=True)
    finally:
        painter.send(signal.SIGCONT)
    for name in scene.ids or {}:
        await author.ask("POST", f"/api/characters/{scene.of(name)}/image/cancel")


async def _tell_progress(scene: Scenery) -> None:
    preview = (await scene.author.ask("GET", f"/api/characters/{scene.of('Maro')}")).json
    await scene.hint("Sefi", 0.08, Stage.ORDERING)
    await scene.hint("Inga", 0.34, Stage.DRAWING)
    await scene.hint("Quill", 0.62, Stage.DRAWING, preview_url=preview["image_url"])
    await scene.hint("Old Hale", None, Stage.DRAWING)
    await scene.hint("Maro", 0.93, Stage.DOWNLOADING)


async def _operators(scene: Scenery) -> None:
    """What is pending and drawn now, where this version shows it."""
    if (await scene.author.ask("GET", "/queue")).status != 200:
        return
    await scene.eyes.go(f"{scene.author.address}/queue", "h1")
    await scene.eyes.keep("queue", whole=True)


async def _toasts(scene: Scenery) -> None:
    """One generation's toast from first to last, then more of them than there is room for."""
    eyes, author = scene.eyes, scene.author
    plot_id = await author.plot("Six at the Table")
    ids = {name: await author.character(plot_id, name) for name in ("Ada", "Bo", "Cy", "Di", "Eli")}
    scene = replace(scene, plot_id=plot_id, ids=ids)
    await eyes.go(scene.story, "[data-connection=live] .card")
    await author.draw(ids["Ada"])
    await eyes.wait(toast_in("waiting"))
    await eyes.keep("toast-queued")
    async with scene.worker(LIMNER_AVATAR_SECONDS="6") as painter:
        await eyes.wait(toast_in("drawing"))
        painter.send(signal.SIGSTOP)
        await eyes.keep("toast-generating")
        await eyes.each(lambda page: page.clock.fast_forward(STEP_MS))
        await eyes.wait("text=10 s so far")
        await eyes.keep("toast-progress")
        painter.send(signal.SIGCONT)
        await eyes.wait(toast_in("done"))
        await eyes.keep("toast-done")
        await author.draw(ids["Bo"], provider="avatar", model="oil-on-copper")
        await eyes.wait(toast_in("failed"))
        await eyes.keep("toast-failed")
        for name in ("Ada", "Cy", "Di", "Eli"):
            await author.draw(ids[name])
            await eyes.wait(card_in(ids[name], "drawing"))
        await eyes.keep("toasts-and-more")
        for character_id in ids.values():
            await author.ask("POST", f"/api/characters/{character_id}/image/cancel")


async def _without_a_server(scene: Scenery) -> None:
    """The API is killed: on a story, in a dialog, and on the way to the stories."""
    eyes = scene.eyes
    await eyes.go(f"{scene.story}&dialog=add", "[data-connection=live] .card")
    scene.api.send(signal.SIGKILL)
    await eyes.wait("[data-connection=offline]")
    await eyes.each(lambda page: page.get_by_label("Name").fill("Wren"))
    await eyes.each(lambda page: page.get_by_role("button", name="Add character").click())
    await eyes.wait(".objection:not(:empty)")
    await eyes.keep("server-gone-dialog")
    await eyes.each(lambda page: page.keyboard.press("Escape"))
    await eyes.each(lambda page: page.get_by_role("button", name="Generate Image").first.click())
    await eyes.keep("server-gone-story")
    # by the keyboard, as a toast may lie over it
    await eyes.each(lambda page: page.get_by_role("link", name="Your stories").press("Enter"))
    await eyes.wait(".library .notice")
    await eyes.keep("server-gone-stories")
