"""Documents with questions whose page is known: our own, and XQuAD's articles.

Ours are in benchmarks/library/*.txt: `=` begins a document with its file's name, a line of `---` a
page, `#` a heading, and `?` a question about the page above it, `??` one in other words than the
answer's. XQuAD (google-deepmind/xquad, CC BY-SA 4.0) is not in this repository; there an article is
a document, and a paragraph a page.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bot.documents.blocks import Block, heading
from bot.documents.passages import cut
from bot.domain.documents import DocumentText

OWN = Path(__file__).with_name("library")


@dataclass(frozen=True, slots=True)
class PageQuestion:
    """A question, and where its answer stands."""

    text: str
    name: str
    """Of the file."""
    page: int
    category: str
    """"same words", "other words", or a language of XQuAD."""


@dataclass(slots=True)
class Book:
    """A document as its author wrote it."""

    name: str
    title: str = ""
    pages: list[str] = field(default_factory=list)
    questions: list[PageQuestion] = field(default_factory=list)

    @property
    def read(self) -> DocumentText:
        """As the reading queue would have it."""
        blocks = list(_blocks(self.pages))
        return DocumentText(
            kind="PDF", passages=tuple(cut(blocks)), title=self.title, pages=len(self.pages)
        )

    def ask(self, text: str, category: str) -> None:
        """Add a question about the last page."""
        self.questions.append(PageQuestion(text, self.name, len(self.pages), category))


def own_library(folder: Path = OWN) -> list[Book]:
    """The documents of this repository."""
    return [book for file in sorted(folder.glob("*.txt")) for book in _read(file)]


def xquad(folder: Path) -> Iterator[Book]:
    """XQuAD's articles in every language that is there."""
    for file in sorted(folder.glob("*.json")):
        for article in json.loads(file.read_text(encoding="utf-8"))["data"]:
            title = article["title"].replace("_", " ")
            book = Book(f"{title}.{file.stem}.pdf", title)
            for paragraph in article["paragraphs"]:
                book.pages.append(paragraph["context"])
                for entry in paragraph["qas"]:
                    book.ask(entry["question"], file.stem)
            yield book


def _read(file: Path) -> Iterator[Book]:
    book: Book | None = None
    for line in file.read_text(encoding="utf-8").splitlines():
        if line.startswith("= "):
            if book:
                yield book
            book = Book(line[2:].strip(), pages=[""])
        elif book is None:
            continue
        elif line.strip() == "---":
            book.pages.append("")
        elif line.startswith("?"):
            category = "other words" if line.startswith("??") else "same words"
            book.ask(line.lstrip("? "), category)
        else:
            book.pages[-1] += f"{line}\n"
            book.title = book.title or line.lstrip("# ").strip()
    if book:
        yield book


def _blocks(pages: Iterable[str]) -> Iterator[Block]:
    for number, page in enumerate(pages, 1):
        for part in filter(None, map(str.strip, page.split("\n\n"))):
            if part.startswith("#"):
                title, _, rest = part.partition("\n")
                yield heading(title.lstrip("# "), title.count("#"), number)
                part = rest
            if part:
                yield Block(" ".join(part.split()), number)
