"""Files of this machine, where another process reads some of them at the same time."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest

from bot.documents import local_files
from bot.documents.folders import LocalFile
from bot.documents.local_files import Changes, LocalFiles
from bot.domain.documents import FilePost, FileState

TERMS = LocalFile(path="/data/terms.txt", name="terms.txt", size=3)


@dataclass
class Posted:
    """The file, which somebody else has read after some looks at it."""

    looks: int
    note: str = ""

    async def add(self, *given: object, **fields: object) -> None:
        """It is there already."""

    async def in_channel(self, channel_id: int, *, limit: int) -> list[FilePost]:
        """The file, as far as it is."""
        self.looks -= 1
        state: FileState = "waiting" if self.looks >= 0 else "read"
        fields: dict[str, Any] = {"state": state, "note": self.note, "author": "operator"}
        empty: dict[str, Any] = {"progress": "", "document_id": None, "kind": "", "link": ""}
        return [
            FilePost(
                channel_id=channel_id,
                seq=0,
                file=TERMS.posted,
                origin="operator",
                mendable=False,
                pages=0,
                notes=(),
                at=datetime.now(UTC),
                **fields,
                **empty,
            )
        ]


@dataclass
class Queue:
    """Nothing is due here: another process has it."""

    asked: list[int | None] = field(default_factory=list)

    async def read_next(self, folder: Path, *, channel_id: int | None, under: str) -> bool:
        """Nothing."""
        self.asked.append(channel_id)
        return False


async def carry_out(posted: Posted, queue: Queue) -> Changes:
    files = LocalFiles(files=cast("Any", posted), edits=cast("Any", None), queue=cast("Any", queue))
    changes = Changes(new=[TERMS])
    await files.carry_out(1, Path("/data"), changes)
    return changes


async def test_what_another_process_reads_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_files, "LOOK", 0.0)
    queue = Queue()

    changes = await carry_out(Posted(looks=6), queue)

    assert (changes.read, changes.faults) == ([TERMS], {})
    assert len(queue.asked) > local_files.READERS


async def test_what_is_put_off_is_not_waited_for() -> None:
    changes = await carry_out(Posted(looks=9, note="the disk is full"), Queue())

    assert changes.faults == {TERMS.path: "the disk is full"}
