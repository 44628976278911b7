"""The file in which tuned prompts are kept: TOML that people read, and that is read with care."""

import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.domain.errors import SettingsError
from bot.text.sanitize import clean
from bot.tuning.parts import PARTS, Part, Texts, refuse

VERSION = 1
LARGEST = 64_000  # bytes
HEADING = (
    "# Prompts that `nellie tune` found. Nothing is changed by this file:\n"
    "# nellie tune --apply FILE --channel NAME sets them for a channel, --undo takes them back.\n"
)

Value = str | int | float | bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TunedFile:
    """Texts by part, what they took the place of, and how they were found."""

    texts: Texts
    before: Texts
    about: Mapping[str, Value] = field(default_factory=dict)
    scores: Mapping[str, Value] = field(default_factory=dict)

    def write(self) -> str:
        """The file."""
        return "\n".join([HEADING, *self._lines(), ""])

    def _lines(self) -> Iterator[str]:
        yield f"version = {VERSION}"
        yield from _pairs(self.about)
        yield "\n[scores]"
        yield from _pairs(self.scores)
        for part, text in self.texts.items():
            yield f"\n[parts.{part}]"
            yield f"text = {_quoted(text)}"
            yield f"before = {_quoted(clean(self.before[part]))}"


def read_tuned_file(path: Path) -> TunedFile:
    """What may be applied of a file. Raises SettingsError, with what is wrong with it."""
    try:
        given = _parse(path)
        texts = dict(_texts(given, "text"))
        before = dict(_texts(given, "before", checked=False))
    except OSError as error:
        raise SettingsError(name=str(path), reason=str(error.strerror or error)) from error
    except (ValueError, RecursionError) as error:
        reason = str(error) if isinstance(error, _Wrong) else f"it is no TOML in UTF-8 ({error})"
        raise SettingsError(name=str(path), reason=reason) from error
    about = {key: one for key, one in given.items() if isinstance(one, Value)}
    return TunedFile(texts=texts, before=before, about=about)


class _Wrong(ValueError):
    """It is TOML, and not what tuning writes."""


def _parse(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise _Wrong("it is no file" if path.exists() else "there is no such file")
    with path.open("rb") as file:
        raw = file.read(LARGEST + 1)
    if len(raw) > LARGEST:
        raise _Wrong(f"it is larger than {LARGEST:,} bytes, which no prompts are")
    given = tomllib.loads(raw.decode("utf-8-sig"))
    if given.get("version") != VERSION:
        raise _Wrong(f"it is not of version {VERSION}: `nellie tune` writes such files")
    return given


def _texts(
    given: Mapping[str, Any], key: str, *, checked: bool = True
) -> Iterator[tuple[Part, str]]:
    parts = given.get("parts")
    if not isinstance(parts, dict) or not parts:
        raise _Wrong(f"it has no [parts]: {', '.join(PARTS)}")
    for name, table in parts.items():
        part = next((one for one in PARTS if one == name), None)
        if part is None:
            raise _Wrong(f"there is no part {str(name)[:40]!r}, but {', '.join(PARTS)}")
        text = table.get(key) if isinstance(table, dict) else None
        if not isinstance(text, str):
            if not checked:
                continue
            raise _Wrong(f"[parts.{part}] has no text")
        if checked and (reason := refuse(part, text)):
            raise _Wrong(reason)
        yield part, text


def _pairs(values: Mapping[str, Value]) -> Iterator[str]:
    for key, value in values.items():
        plain = clean(value) if isinstance(value, str) else value
        written = json.dumps(plain, ensure_ascii=False)
        yield f"{key} = {written}"


def _quoted(text: str) -> str:
    """A text in lines of its own. What would end or change it is escaped."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"""\n{escaped}"""'
