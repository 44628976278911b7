"""Files that people post, and what is read of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bot.text.citations import format_citation
from bot.text.plurals import counted
from bot.text.sanitize import clean

LONGEST_NAME = 120  # characters of a file's name
LONGEST_ALT = 500  # characters of what an author wrote for those who do not see a picture

FileKind = Literal["document", "picture", "sound", "video"]
Origin = Literal["post", "link", "operator"]
"""Posted with a message, an address that somebody asked for, a path of the operator's."""
FileState = Literal["waiting", "read", "unreadable", "picture", "sound", "video"]
"""Only what is waiting will be read; of the last three, sounds wait where a plugin hears them."""

_SHOWN = {"document": "file", "picture": "picture", "sound": "sound", "video": "video"}
_NOT_TAKEN_IN = {"sound": ", not heard", "video": ", not seen"}
_BY_ENDING: dict[str, FileKind] = {
    **dict.fromkeys(("bmp", "gif", "heic", "jpeg", "jpg", "png", "tif", "tiff", "webp"), "picture"),
    **dict.fromkeys(("aac", "flac", "m4a", "mp3", "oga", "ogg", "opus", "wav"), "sound"),
    **dict.fromkeys(("avi", "m4v", "mkv", "mov", "mp4", "mpeg", "webm"), "video"),
}
"""For where nobody says the type: exports of platforms know names alone."""
_PAGES = {"Excel": "sheet", "PowerPoint": "slide"}
_SAYS_NOTHING = ("", "application/octet-stream", "binary/octet-stream")


@dataclass(frozen=True, slots=True, kw_only=True)
class PostedFile:
    """A file of a message as its platform describes it; nothing of it was fetched for that."""

    id: str
    """The platform's own id, by which it can be asked for again."""
    name: str
    media_type: str = ""
    """What the platform calls its type; empty where it does not say."""
    size: int = 0
    """Bytes; 0 where the platform does not say."""
    alt: str = ""
    """What its author wrote for those who do not see it."""
    address: str = ""
    """Where the platform keeps it; it may expire, and is opened with the bot's rights alone."""

    @property
    def kind(self) -> FileKind:
        """What it is called; what it is, only its bytes say."""
        if self.media_type.strip().lower() in _SAYS_NOTHING:
            ending = self.name.rpartition(".")[2].strip().lower()
            return _BY_ENDING.get(ending, "document")
        match self.media_type.partition("/")[0].strip().lower():
            case "image" if "svg" not in self.media_type.lower():
                return "picture"
            case "audio":
                return "sound"
            case "video":
                return "video"
        return "document"

    @property
    def shown_name(self) -> str:
        """The name on one line, without what could mislead."""
        return " ".join(clean(self.name).split())[:LONGEST_NAME] or "without a name"

    def __str__(self) -> str:
        alt = " ".join(clean(self.alt).split())[:LONGEST_ALT]
        return (
            f"[{_SHOWN[self.kind]}: {self.shown_name}{f': {alt}' if alt else ''}"
            f"{_NOT_TAKEN_IN.get(self.kind, '')}]"
        )


def name_files(files: Sequence[PostedFile]) -> str:
    """The lines by which a message's text names its files."""
    return "\n".join(map(str, files))


@dataclass(frozen=True, slots=True, kw_only=True)
class FilePost:
    """A file where it stands, and how far reading it is."""

    channel_id: int
    seq: int
    """The number of its message; 0 where no message brought it."""
    file: PostedFile
    origin: Origin
    state: FileState
    note: str
    """Why it is unreadable, or was not read so far; empty where nothing is wrong."""
    mendable: bool
    progress: str
    """While it is read: "page 30 of 100"."""
    document_id: int | None
    kind: str
    """What was read: "PDF"; empty until then, as are the next two."""
    pages: int
    notes: tuple[str, ...]
    author: str
    """The name of who posted or added it."""
    at: datetime
    """When that was."""
    link: str
    """Of its message; of a link its address."""
    author_id: str = ""
    """Of who posted or added it, as the channel's messages name them."""
    sha256: str = ""
    """Of what was read; empty until then."""

    @property
    def counted_pages(self) -> str:
        """ "12 pages", "1 sheet", "3 slides"; nothing where the document has none."""
        return counted(self.pages, _PAGES.get(self.kind, "page")) if self.pages else ""


class NotReadable(Exception):
    """A file cannot be read. Its text is the reason, for people: "it is protected".

    What is `mendable` may be read later, when somebody has given a right that is missing.
    """

    def __init__(self, reason: str, *, mendable: bool = False) -> None:
        super().__init__(reason)
        self.mendable = mendable


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A part of a document that is found, given and cited as one: 300 to 400 tokens."""

    number: int
    """Its place in the document, from 1."""
    text: str
    heading: str = ""
    """The headings above it, from the outermost on: "Terms > Notice"."""
    first_page: int = 0
    last_page: int = 0
    """From 1; sheets and slides count as pages. 0 where the document has none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentText:
    """What was read of a file."""

    kind: str
    """In people's words: "PDF", "Word", "e-mail"."""
    passages: tuple[Passage, ...]
    title: str = ""
    pages: int = 0
    """Pages, sheets or slides; 0 where there are none."""
    notes: tuple[str, ...] = ()
    """What was not read of it, and why: "pages 3 to 5 have no text"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPassage:
    """A passage that matters for a question, with where it is from."""

    document_id: int
    name: str
    passage: Passage
    tokens: int
    """Of its text, in our own estimate."""
    link: str = ""
    """Of the message that it was posted with; or the address that was read."""
    author: str = ""
    """The name of who posted it."""
    at: datetime | None = None
    """When that was."""
    score: float = 0.0
    kind: str = ""
    """What its document is (DocumentText.kind): the pages of some have names of their own."""

    @property
    def pages(self) -> str:
        """ "p. 3", "p. 3–4", "sheet 1", "slides 2–3"; nothing where the document has no pages."""
        first, last = self.passage.first_page, self.passage.last_page
        if not first:
            return ""
        called = _PAGES.get(self.kind, "p.")
        if last <= first:
            return f"{called} {first}"
        return f"{called if called == 'p.' else f'{called}s'} {first}–{last}"

    @property
    def citation(self) -> str:
        """What an answer shows for it, in Markdown: its file and page, with the link."""
        return format_citation(self.name, self.pages, self.link)
