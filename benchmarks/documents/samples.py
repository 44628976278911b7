"""The texts of the benchmark: what somebody would write at work, in seven languages."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

FOLDER = Path(__file__).with_name("texts")
HEADER = "Aurora Freight"
"""Stands above every page."""
FOOTER = "for internal use only"


@dataclass(slots=True)
class Section:
    """A heading, and what stands below it."""

    heading: str
    level: int
    paragraphs: list[str] = field(default_factory=list)
    items: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)

    def texts(self) -> Iterator[str]:
        """Everything that it says."""
        yield self.heading
        yield from self.paragraphs
        for row in self.rows:
            yield from row
        yield from self.items


@dataclass(slots=True)
class Sample:
    """One text."""

    name: str
    title: str
    sections: list[Section]

    def texts(self) -> Iterator[str]:
        """Everything that it says."""
        yield self.title
        for section in self.sections:
            yield from section.texts()


def read_samples() -> list[Sample]:
    """All of them, by their names."""
    return [_read(path) for path in sorted(FOLDER.glob("*.md"))]


def _read(path: Path) -> Sample:
    sample = Sample(path.stem, "", [])
    for line in filter(None, path.read_text(encoding="utf-8").splitlines()):
        found = re.match(r"(#+) (.+)", line)
        if found and len(found[1]) == 1:
            sample.title = found[2]
        elif found:
            sample.sections.append(Section(found[2], len(found[1]) - 1))
        elif line.startswith("- "):
            sample.sections[-1].items.append(line[2:])
        elif line.startswith("|"):
            sample.sections[-1].rows.append([cell.strip() for cell in line.strip("|").split("|")])
        else:
            sample.sections[-1].paragraphs.append(line)
    return sample
