"""What every setting is, with its default: those of the groups, and those that platforms add."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo

from bot.config import plugins
from bot.config.settings import GROUPS, variable_of

_SECRET = re.compile(r"(?:TOKEN|KEY|SECRET|PASSWORD)$|^DATABASE_URL$|_PROXY$")
_PLAIN = re.compile(r"[\w./:,=+-]*")


@dataclass(frozen=True, slots=True)
class Description:
    """One setting, for people."""

    section: str
    name: str
    line: str
    default: str = ""
    """As it would stand in .env; empty where there is none, or where it depends on the machine."""
    here: str = ""
    """Where it depends on the machine: what it is on this one."""

    @property
    def secret(self) -> bool:
        """Whether its value is nothing for a screen."""
        return bool(_SECRET.search(self.name))


def describe_settings() -> Iterator[Description]:
    """Every setting, in the order of the groups; then the platforms, by their names."""
    for group in GROUPS:
        for field_name, field in group.model_fields.items():
            name = variable_of(field_name, field)
            line, default, here = field.description or "", _default(field), _default_here(field)
            yield Description(group.title, name, line, default, here)
    for platform in plugins.names("setting"):
        module = plugins.load("setting", platform)
        defaults: Mapping[str, str] = getattr(module, "DEFAULTS", {})
        for name, line in module.VARIABLES.items():
            yield Description(platform.capitalize(), name, line, defaults.get(name, ""))


def _default(field: FieldInfo) -> str:
    return as_written(field.default) if field.default_factory is None else ""


def _default_here(field: FieldInfo) -> str:
    return (
        "" if field.default_factory is None else str(field.get_default(call_default_factory=True))
    )


def as_written(value: Any) -> str:
    """A value as it stands in a file .env."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case tuple():
            return ",".join(value)
        case float() if value == int(value):
            return str(int(value))
        case str() | int() | float() | Path():
            text = str(value)
            return text if _PLAIN.fullmatch(text) else f'"{text}"'
    return str(value)
