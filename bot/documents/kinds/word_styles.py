"""Which paragraphs of a Word file are headings, by their styles."""

import re

from bot.documents.kinds.office import related
from bot.documents.package import Package

_NAME = re.compile(r"heading (\d)", re.IGNORECASE)
LOWEST = 9  # level of a heading; outline level 9 is text


def read_levels(package: Package, part: str) -> dict[str, int]:
    """The level of each style that makes headings; its base style may say so too."""
    levels: dict[str, int] = {}
    bases: dict[str, str] = {}
    for other in related(package, part, "styles"):
        style = ""
        for event, name, values in package.events(other):
            if event != "start":
                continue
            if name == "style":
                style = values.get("styleId", "")
            elif name == "basedOn":
                bases[style] = values.get("val", "")
            elif level := _level(name, values.get("val", "")):
                levels.setdefault(style, level)
    inherited = {style: levels.get(base, 0) for style, base in bases.items()}
    return {**inherited, **levels}


def _level(element: str, value: str) -> int:
    if element == "name":
        found = _NAME.fullmatch(value)
        return 1 if value.lower() == "title" else int(found[1]) if found else 0
    if element == "outlineLvl" and value.isdecimal() and int(value) < LOWEST:
        return int(value) + 1
    return 0
