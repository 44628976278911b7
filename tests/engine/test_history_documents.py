"""Documents leave with a channel's export and come back as they were; former exports still do."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from bot.archives.by_files import own_channel
from bot.archives.jsonl import JSONL
from bot.cli.exporting import export_channel
from bot.core.archive_import import import_archive, import_documents
from bot.domain.archives import ArchivedDocument
from bot.domain.documents import DocumentText, FilePost, Passage, PostedFile
from bot.domain.findings import BadLine
from bot.domain.model import Author, Channel
from bot.language.indexing import to_row
from bot.testing import ANA, BOB, GENERAL, RunningNellie

OTHER = Channel("console", "local", "copy", "copy")
CONTRACT = PostedFile(
    id="F1", name="contract.pdf", media_type="application/pdf", size=9, address="https://key"
)
PLAN = PostedFile(id="F2", name="plan.png", media_type="image/png", alt="the new plan")
LINK = PostedFile(id="https://example.org/terms", name="terms")
SHA = "ab" * 32


def text(passages: int = 3) -> DocumentText:
    return DocumentText(
        kind="PDF",
        title="Terms",
        pages=passages,
        notes=("page 9 has no text",),
        passages=tuple(
            Passage(
                number=number,
                text=f"Part{number}\nsays “thirty days” \U0001f600.",
                heading="Terms > Notice" if number > 1 else "",
                first_page=number,
                last_page=number,
            )
            for number in range(1, passages + 1)
        ),
    )


async def read(nellie: RunningNellie, sha256: str = SHA, passages: int = 3) -> None:
    """The next file is read."""
    stores = nellie.parts.stores
    claimed = await stores.file_claims.claim(1, platforms=["fake"], lease=60)
    assert claimed
    whole = text(passages)
    rows = [json.dumps(to_row(one)) for one in whole.passages]
    assert await stores.documents.put(claimed, sha256, whole, rows)


async def export(nellie: RunningNellie, path: Path, channel: Channel = GENERAL) -> list[Any]:
    await export_channel(
        nellie.database, channel, path, progress=lambda done, total: None, force=True
    )
    return [json.loads(line) for line in path.read_text().splitlines()]  # noqa: ASYNC240 - a few


async def bring(nellie: RunningNellie, path: Path, channel: Channel = OTHER) -> tuple[int, int]:
    """How many messages and documents came in."""
    done = await import_archive(
        nellie.parts,
        JSONL(),
        path,
        channel,
        progress=lambda done, total: None,
        complain=lambda bad: pytest.fail(str(bad)),
    )
    found = [one for one in JSONL().documents(path, [channel]) if not isinstance(one, BadLine)]
    documents = await import_documents(nellie.parts, found)
    return done.new, documents[channel]


async def posts(nellie: RunningNellie, channel: Channel) -> Sequence[FilePost]:
    files = nellie.parts.stores.posted_files
    return await files.in_channel(await nellie.channel_id(channel))


@pytest.fixture
async def filled(nellie: RunningNellie) -> RunningNellie:
    """A channel with a file that was posted twice, a picture, and a link that somebody added."""
    await nellie.say(ANA, "the terms", id="m1", files=(CONTRACT, PLAN))
    await read(nellie)
    await nellie.say(BOB, "again", id="m2", files=(CONTRACT,))
    claimed = await nellie.parts.stores.file_claims.claim(1, platforms=["fake"], lease=60)
    assert claimed
    assert await nellie.parts.stores.documents.point_to_known(claimed, SHA)
    files = nellie.parts.stores.posted_files
    await files.add(await nellie.channel_id(), [LINK], origin="link", author=BOB)
    await read(nellie, "cd" * 32, 1_200)
    return nellie


async def test_documents_come_back_as_they_were(filled: RunningNellie, tmp_path: Path) -> None:
    path, again = tmp_path / "one.jsonl", tmp_path / "two.jsonl"
    lines = await export(filled, path)

    assert await bring(filled, path) == (2, 2)

    assert await export(filled, again, OTHER) == lines
    assert [len(line.get("posts", ())) for line in lines if "posts" in line] == [2, 1]
    before, after = await posts(filled, GENERAL), await posts(filled, OTHER)
    assert [(one.file.name, one.state, one.author, one.pages) for one in after] == [
        (one.file.name, one.state, one.author, one.pages) for one in before
    ]
    counts = "SELECT count(*), count(DISTINCT channel_id), min(length) FROM passage_posting"
    [(postings, channels, _)] = await filled.rows(counts)
    assert channels == 2
    assert postings % 2 == 0
    assert "key" not in path.read_text()


async def test_importing_again_changes_nothing(filled: RunningNellie, tmp_path: Path) -> None:
    path = tmp_path / "one.jsonl"
    lines = await export(filled, path)
    await bring(filled, path)

    assert await bring(filled, path) == (0, 2)

    assert await export(filled, path, OTHER) == lines
    assert (await filled.rows("SELECT count(*) FROM document"))[0] == (4,)


async def test_what_only_links_brought_is_an_archive_too(
    nellie: RunningNellie, tmp_path: Path
) -> None:
    files = nellie.parts.stores.posted_files
    await files.add(await nellie.channel_id(), [LINK], origin="link", author=BOB)
    await read(nellie)
    path = tmp_path / "one.jsonl"
    await export(nellie, path)

    assert JSONL().recognizes(path)
    assert await bring(nellie, path) == (0, 1)


async def test_a_document_does_not_come_with_a_message_that_was_forgotten(
    filled: RunningNellie, tmp_path: Path
) -> None:
    path = tmp_path / "one.jsonl"
    await export(filled, path)
    channel, stores = await filled.channel_id(), filled.parts.stores
    await stores.person_traces.forget_everybody(channel, await stores.messages.all_seqs(channel))

    assert await bring(filled, path, GENERAL) == (0, 0)

    assert await filled.rows("SELECT count(*) FROM passage") == [(0,)]


async def test_a_former_export_still_comes_in(nellie: RunningNellie, tmp_path: Path) -> None:
    path = tmp_path / "old.jsonl"
    line = {"id": "m1", "author": {"id": "U1", "name": "ana"}, "text": "hi"}
    path.write_text(json.dumps({**line, "at": "2026-01-01T00:00:00+00:00"}) + "\n")

    assert await bring(nellie, path) == (1, 0)


BROKEN = [
    {"sha256": "short", "posts": []},
    {"sha256": SHA, "posts": "many"},
    {"sha256": SHA, "posts": [{"message": "m1"}]},
    {"sha256": SHA, "posts": [{"message": "m1", "file": {"name": "a"}}]},
    {"sha256": SHA, "posts": [{"origin": "link", "file": {"id": "a"}}]},
    {"sha256": SHA, "posts": [{"origin": "theft", "message": "m1", "file": {"id": "a"}}]},
    {"sha256": SHA, "posts": [], "pages": -1},
    {"sha256": SHA, "posts": [], "pages": 2**40},
    {"sha256": SHA, "posts": [], "notes": {}},
]


@pytest.mark.parametrize("entry", BROKEN)
def test_what_is_wrong_with_a_document_is_told_and_the_next_one_is_read(
    tmp_path: Path, entry: object
) -> None:
    path = tmp_path / "one.jsonl"
    good = {"sha256": "cd" * 32, "posts": [{"message": "m1", "file": {"id": "F1"}}]}
    stray = {"sha256": SHA, "passage": 1, "text": "of nothing"}
    own = {"sha256": "cd" * 32, "passage": 1, "text": "a\0b"}
    path.write_text("\n".join(map(json.dumps, (entry, stray, good, stray, own))) + "\n{")

    found = [*JSONL().documents(path, [own_channel("one")])]

    bad, document = found
    assert isinstance(bad, BadLine)
    assert bad.reason.startswith("a document: ")
    assert isinstance(document, tuple)
    assert [one.text for one in document[1].text.passages] == ["a\ufffdb"]


async def test_a_document_of_nobody_comes_in_nowhere(nellie: RunningNellie) -> None:
    document = ArchivedDocument(SHA, text(), ())

    assert await import_documents(nellie.parts, [(OTHER, document)]) == {OTHER: 0}

    assert await nellie.rows("SELECT count(*) FROM document") == [(0,)]


async def test_who_was_forgotten_since_adds_nothing_again(
    nellie: RunningNellie, tmp_path: Path
) -> None:
    mallory = Author("U9", "mallory")
    files = nellie.parts.stores.posted_files
    await files.add(await nellie.channel_id(), [LINK], origin="link", author=mallory)
    await read(nellie)
    path = tmp_path / "one.jsonl"
    await export(nellie, path)
    await nellie.parts.stores.person_traces.forget(await nellie.channel_id(), "U9")

    assert await bring(nellie, path, GENERAL) == (0, 0)

    assert await nellie.find_traces("mallory") == []
