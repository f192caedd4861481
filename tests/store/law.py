"""Moves by raw SQL, as someone would make them who does not know the ledger."""

import asyncpg

from limner.domain.status import Status
from store.story import Admin, Story, fresh

REFUSED = asyncpg.IntegrityConstraintViolationError
"""What the database answers to whatever its constraints forbid."""

_GENERATION = """
UPDATE generations SET status = $2, seq = $3, attempt = 1,
    lease_until = CASE WHEN $2 = 'generating' THEN now() END,
    finished_at = CASE WHEN $2 IN ('completed', 'failed', 'canceled') THEN now() END,
    image = CASE WHEN $2 = 'completed' THEN (SELECT max(sha256) FROM images) END,
    error = CASE WHEN $2 = 'failed' THEN 'It broke.' END,
    error_code = CASE WHEN $2 = 'failed' THEN 'internal' END
WHERE id = $1
"""
_TRANSITION = """
INSERT INTO transitions (
    plot_id, seq, generation_id, character_id, owner, move, previous, status, at, attempt,
    provider, model, image, error, error_code
)
SELECT plot_id, $2, id, character_id, owner, gen_random_uuid(), $3, $4, now(), attempt, provider,
    model,
    CASE WHEN $4 = 'completed' THEN (SELECT max(sha256) FROM images) END,
    CASE WHEN $4 = 'failed' THEN 'It broke.' END,
    CASE WHEN $4 = 'failed' THEN 'internal' END
FROM generations WHERE id = $1
"""


async def stand_at(story: Story, status: Status) -> str:
    """A generation that came to this status lawfully, its transition being the story's newest."""
    await story.drawn()  # so that there is an image to complete with
    if status is Status.COMPLETED:
        return await story.drawn()
    if status is Status.PENDING:
        return await story.waiting()
    taken = await story.taken()
    if status is Status.FAILED:
        await story.fail(taken)
    elif status is Status.CANCELED:
        await story.ledger.cancel(taken.transition.task_id, move=fresh())
    return taken.transition.task_id


async def append(  # noqa: PLR0913 - each is one thing that a test gets wrong
    admin: Admin,
    task_id: str,
    status: Status,
    *,
    previous: Status | None,
    step: int = 1,
    generation: bool = True,
) -> None:
    """A transition with everything that should go with it, but for what the test leaves out.

    Args:
        admin: in a transaction.
        task_id: of which generation.
        status: where to.
        previous: where from, true or not.
        step: how much further than the plot its number is.
        generation: whether the generation's row goes there too.
    """
    seq = await admin.fetchval(
        "UPDATE plots SET seq = plots.seq + $2 FROM generations AS g"
        " WHERE g.id = $1 AND plots.id = g.plot_id RETURNING plots.seq",
        task_id,
        step,
    )
    if generation:
        await admin.execute(_GENERATION, task_id, status, seq)
    await admin.execute(_TRANSITION, task_id, seq, previous, status)
