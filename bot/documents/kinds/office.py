"""What the files of Word, PowerPoint and Excel share: parts, relations between them, a title."""

import posixpath
from collections.abc import Iterator
from typing import NamedTuple

from bot.documents.package import Package
from bot.documents.xml_events import Event

MOST_RELATIONS = 20_000


class Relation(NamedTuple):
    """A part that another one refers to."""

    kind: str
    """The last word of its type: "slide", "notesSlide"."""
    part: str


def relations(package: Package, part: str) -> dict[str, Relation]:
    """By their ids, those of a part; "" stands for the whole file. Nothing outside is among them.

    The names are only looked up in the same zip.
    """
    folder, name = posixpath.split(part)
    found: dict[str, Relation] = {}
    for event, element, values in package.events(posixpath.join(folder, "_rels", f"{name}.rels")):
        if event == "start" and element == "Relationship" and len(found) < MOST_RELATIONS:
            if values.get("TargetMode") == "External":
                continue
            target = posixpath.normpath(posixpath.join("/", folder, values.get("Target", "")))
            kind = values.get("Type", "").rpartition("/")[2]
            found[values.get("Id", "")] = Relation(kind, target.lstrip("/"))
    return found


def related(package: Package, part: str, kind: str) -> list[str]:
    """The parts of a kind that a part refers to."""
    return [one.part for one in relations(package, part).values() if one.kind == kind]


def main_part(package: Package, usual: str) -> str:
    """Where the document itself is."""
    return next(iter(related(package, "", "officeDocument")), usual)


def read_title(package: Package) -> str:
    """What its author called it; programs leave it empty as a rule."""
    return " ".join(text_of(package.events("docProps/core.xml"), "title").split())


def text_of(events: Iterator[Event], element: str) -> str:
    """The text of the first element of a name."""
    inside, parts = False, list[str]()
    for event, name, _ in events:
        if event == "text" and inside:
            parts.append(name)
        elif name == element and event == "start":
            inside = True
        elif name == element and inside:
            break
    return "".join(parts)
