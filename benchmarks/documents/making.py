"""The documents of the benchmark: what each kind is made of, and what it must say."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

from benchmarks.documents.flat import presentation, sheet_words, spreadsheet, text_document
from benchmarks.documents.libreoffice import convert
from benchmarks.documents.samples import FOOTER, HEADER, Sample


class Making(NamedTuple):
    """One kind of document."""

    name: str
    write: Callable[[Sample], str]
    source: str
    """The ending of what is written."""
    target: str
    """The ending of what LibreOffice makes of it."""
    says: Callable[[Sample], Iterator[str]]


def _text(sample: Sample) -> Iterator[str]:
    yield from (*sample.texts(), HEADER, FOOTER)


def _slides(sample: Sample) -> Iterator[str]:
    for section in sample.sections:
        yield from section.texts()


def _shown_slides(sample: Sample) -> Iterator[str]:
    """A PDF has no notes."""
    for section in sample.sections:
        yield from (section.heading, *section.paragraphs)
        for row in section.rows:
            yield from row


KINDS = [
    *(Making(kind, text_document, "fodt", kind, _text) for kind in ("docx", "odt", "rtf", "html")),
    Making("pdf", text_document, "fodt", "pdf", _text),
    Making("pdf, two columns", partial(text_document, columns=2), "fodt", "pdf", _text),
    *(Making(kind, spreadsheet, "fods", kind, sheet_words) for kind in ("xlsx", "ods")),
    *(Making(kind, presentation, "fodp", kind, _slides) for kind in ("pptx", "odp")),
    Making("pdf, slides", presentation, "fodp", "pdf", _shown_slides),
]


def make(kind: Making, samples: list[Sample], folder: Path) -> list[Path]:
    """A document for each sample."""
    sources = folder / kind.name / "source"
    sources.mkdir(parents=True)
    for sample in samples:
        (sources / f"{sample.name}.{kind.source}").write_text(kind.write(sample))
    written = [sources / f"{sample.name}.{kind.source}" for sample in samples]
    return convert(written, kind.target, folder / kind.name)
