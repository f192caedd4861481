"""What a person sees of the page, and what they have seen of it until now."""

from playwright.async_api import Locator, Page, expect

from stage.author import Author

BOUND_MS = 20_000

RECORDER = """
window.seen = { toasts: [], phases: {}, progress: [] }
new MutationObserver(() => {
  const note = (list, text) => text && list.at(-1) !== text && list.push(text)
  for (const toast of document.querySelectorAll(".toast")) {
    const words = [...toast.querySelectorAll(".says p")].map((part) => part.textContent)
    note(window.seen.toasts, words.join(" | "))
  }
  for (const card of document.querySelectorAll(".card")) {
    const name = card.querySelector(".name").textContent
    note((window.seen.phases[name] ??= []), card.dataset.phase)
    note(window.seen.progress, card.querySelector("[role=progressbar]").ariaValueNow)
  }
}).observe(document, { subtree: true, childList: true, characterData: true, attributes: true })
"""
"""Notes each toast, and each phase and progress of a card, however short it was to be seen."""

UNDATED = """
const get = Headers.prototype.get
Headers.prototype.get = function (name) { return name === "Date" ? null : get.call(this, name) }
"""
"""Answers without their time: a page whose clock a test moves on would be put right by them."""


async def open_plot(author: Author, page: Page, plot_id: str) -> None:
    """Go to a story, and wait until it is shown."""
    await page.goto(f"{author.address}/?plot={plot_id}")
    await expect(page.locator(".plot-head")).to_be_visible()


def card_of(page: Page, name: str) -> Locator:
    """The card of the character with this name."""
    return page.locator("article.card").filter(has=page.get_by_role("heading", name=name))


async def until(card: Locator, phase: str) -> None:
    """Wait until a card shows this phase."""
    await expect(card).to_have_attribute("data-phase", phase)


def toasts(page: Page) -> Locator:
    """What stands in the corner, oldest first."""
    return page.locator(".toast")


async def seen_toasts(page: Page) -> list[str]:
    """Every toast's words until now, as `title | detail`."""
    told: list[str] = await page.evaluate("window.seen.toasts")
    return told


async def seen_phases(page: Page, name: str) -> list[str]:
    """Every phase of a character's card until now."""
    phases: list[str] = await page.evaluate("(name) => window.seen.phases[name]", name)
    return phases


async def hidden_veil(card: Locator) -> None:
    """Wait until nothing of the loading state is left on a card."""
    await expect(card).to_have_attribute("aria-busy", "false")
    await expect(card.locator(".veil")).to_be_hidden()
