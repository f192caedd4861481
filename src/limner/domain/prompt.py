"""The words a provider is given when the user wrote no prompt of their own."""


def portrait_prompt(name: str, description: str, style: str) -> str:
    """The whole prompt for a character's portrait.

    Args:
        name: the character's name.
        description: who it is, in the author's words; may be empty.
        style: how the plot wants its characters drawn; may be empty.
    """
    parts = [f"Portrait of {name}, head and shoulders."]
    if description:
        parts.append(_sentence(description))
    if style:
        parts.append(_sentence(f"Style: {style}"))
    return " ".join(parts)


def _sentence(text: str) -> str:
    text = text[0].upper() + text[1:]
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."
