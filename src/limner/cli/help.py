"""What `limner --help` says of the settings."""

from pydantic.fields import FieldInfo

from limner.settings import Settings, variable


def settings_help() -> str:
    """Every environment variable with what it means and its default, a line each."""
    lines = ["[bold]Settings[/bold], from the environment or from .env:"]
    for name, field in Settings.model_fields.items():
        lines.append(f"[bold]{variable(name)}[/bold]: {field.description}{_default(field)}")
    return "\n\n".join(lines)


def _default(field: FieldInfo) -> str:
    return "" if field.default is None else f" ({field.default})"
