"""The jobs of the queue. Each is a hint to look at something; Postgres says what is to be done."""

from typing import Any

from limner.resources import Workshop


async def generate_character_image(ctx: dict[str, Any], task_id: str) -> None:
    """Draw one generation, if it still waits to be drawn."""
    workshop: Workshop = ctx["workshop"]
    await workshop.draw(task_id)
