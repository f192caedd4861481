"""Are the tables what they must be? From their rows alone, and what was promised to the authors."""

from collections import Counter
from collections.abc import Iterator

from chaos.findings import Finding
from chaos.records import Ask
from chaos.truth import Generation, Move, Truth

FINAL = {"completed", "failed", "canceled"}
ALLOWED = {
    (None, "pending"),
    ("pending", "generating"),
    ("pending", "failed"),
    ("pending", "canceled"),
    ("generating", "completed"),
    ("generating", "pending"),
    ("generating", "failed"),
    ("generating", "canceled"),
}


def check_tables(truth: Truth, asks: list[Ask]) -> list[Finding]:
    """All that is wrong with the tables, and with the answers to those who asked."""
    return [
        *_sequences(truth),
        *_lives(truth),
        *_one_in_flight(truth),
        *_promises(truth, asks),
        *_beginnings(asks),
        *_images(truth),
        *_told(truth),
    ]


def _sequences(truth: Truth) -> Iterator[Finding]:
    for plot_id, moves in truth.moves.items():
        numbers = [move.seq for move in moves]
        if numbers != list(range(1, truth.seqs[plot_id] + 1)):
            yield Finding(
                "untrue",
                f"Plot {plot_id} is at {truth.seqs[plot_id]}, and its transitions are {numbers}.",
            )


def _lives(truth: Truth) -> Iterator[Finding]:
    for generation in truth.generations.values():
        lived = moves_of(truth, generation)
        story = " → ".join(f"{move.status} ({move.seq})" for move in lived)
        who = f"Generation {generation.task_id} of plot {generation.plot_id} ({story})"
        if generation.status not in FINAL:
            yield Finding("not final", f"{who} never ended: it is {generation.status}.")
        ends = [move for move in lived if move.status in FINAL]
        if len(ends) > 1:
            yield Finding("untrue", f"{who} ended {len(ends)} times.")
        previous: Move | None = None
        for move in lived:
            if move.previous != (previous.status if previous else None):
                yield Finding("untrue", f"{who} does not continue at {move.seq}.")
            if (move.previous, move.status) not in ALLOWED:
                yield Finding("untrue", f"{who}: {move.previous} → {move.status} is no move.")
            attempt = (previous.attempt if previous else 0) + (move.status == "generating")
            if move.attempt != attempt:
                yield Finding("untrue", f"{who} counts attempt {move.attempt} at {move.seq}.")
            previous = move
        if previous is None or (previous.seq, previous.status, lived[0].seq) != (
            generation.seq,
            generation.status,
            generation.first_seq,
        ):
            yield Finding("untrue", f"{who} says that it is {generation.status}.")


def _one_in_flight(truth: Truth) -> Iterator[Finding]:
    for plot_id, moves in truth.moves.items():
        in_flight: dict[str, str] = {}
        for move in moves:
            other = in_flight.get(move.character_id, move.task_id)
            if other != move.task_id:
                yield Finding(
                    "untrue",
                    f"Character {move.character_id} of plot {plot_id} has {other} in flight, and"
                    f" at {move.seq} {move.task_id} as well.",
                )
            in_flight[move.character_id] = move.task_id
            if move.status in FINAL:
                del in_flight[move.character_id]


def _promises(truth: Truth, asks: list[Ask]) -> Iterator[Finding]:
    for ask in asks:
        what = f"{ask.deed} of character {ask.character_id} was answered {ask.status}"
        if ask.task_id is not None and ask.task_id not in truth.generations:
            yield Finding("missing", f"{what} for generation {ask.task_id}, which there is not.")
        elif ask.deed == "cancel" and ask.task_id is not None:
            status = truth.generations[ask.task_id].status
            if status != "canceled":
                yield Finding("untrue", f"{what}, but {ask.task_id} is {status}.")
        elif not _is_expected(ask, truth):
            yield Finding("untrue", f"{what}: {ask.detail}")
    unanswered = sum(ask.deed == "draw" and ask.status in {None, 503} for ask in asks)
    known = {ask.task_id for ask in asks if ask.deed == "draw"}
    unknown = [task_id for task_id in truth.generations if task_id not in known]
    if len(unknown) > unanswered:
        yield Finding(
            "untrue",
            f"{len(unknown)} generations were begun that no answer told of, and only {unanswered}"
            f" answers were lost: {unknown[:5]}.",
        )


def _beginnings(asks: list[Ask]) -> Iterator[Finding]:
    begun = [(ask.task_id, ask.key) for ask in asks if ask.deed == "draw" and ask.status == 202]
    repeated = {pair for pair in begun if pair[1]}
    beginnings = Counter([task_id for task_id, _ in repeated])
    beginnings.update(task_id for task_id, key in begun if not key)
    for task_id, count in beginnings.items():
        if count > 1:
            yield Finding("untrue", f"Generation {task_id} was begun {count} times.")
    by_key: dict[str, set[tuple[int | None, str | None]]] = {}
    for ask in asks:
        if ask.key and ask.task_id is not None:
            by_key.setdefault(ask.key, set()).add((ask.status, ask.task_id))
    for key, answers in by_key.items():
        if len(answers) > 1:
            yield Finding("untrue", f"Idempotency-Key {key} got several answers: {answers}.")


def _is_expected(ask: Ask, truth: Truth) -> bool:
    if ask.status == 404:
        return ask.character_id in truth.removed
    good = {
        "draw": {200, 202} | ({409} if ask.key else set()),
        "cancel": {200, 409},
        "remove": {204},
    }[ask.deed]
    return ask.status in {None, 503} | good


def _images(truth: Truth) -> Iterator[Finding]:
    for generation in truth.generations.values():
        if generation.status != "completed" or generation.character_id in truth.removed:
            continue
        who = f"The image of generation {generation.task_id}"
        fetched = truth.images.get(generation.task_id)
        if fetched is None:
            yield Finding("missing", f"{who} can't be fetched.")
        elif fetched != generation.image:
            yield Finding("untrue", f"{who} is called {generation.image}, and is {fetched}.")
        began = truth.pictures.get(generation.task_id, {}).get(generation.image or "")
        taken = max(
            (move.at for move in moves_of(truth, generation) if move.status == "generating"),
            default=0.0,
        )
        if began is None:
            yield Finding("untrue", f"{who} is none that was drawn for it.")
        elif began < taken:
            yield Finding(
                "untrue",
                f"{who} was begun {taken - began:.1f} s before its last attempt was: it is that of"
                " a worker which had lost its lease.",
            )


def _told(truth: Truth) -> Iterator[Finding]:
    for task_id, said in truth.untold.items():
        if truth.generations[task_id].character_id not in truth.removed:
            yield Finding("untrue", f"GET /api/generations/{task_id} was answered {said}")
    for plot_id, moves in truth.moves.items():
        for move in moves:
            if move.task_id not in truth.untold and (plot_id, move.seq) not in truth.told:
                yield Finding(
                    "untrue",
                    f"GET /api/generations/{move.task_id} leaves out {move.seq}, {move.status}.",
                )


def moves_of(truth: Truth, generation: Generation) -> list[Move]:
    """A generation's own transitions, in order."""
    moves = truth.moves.get(generation.plot_id, [])
    return [move for move in moves if move.task_id == generation.task_id]
