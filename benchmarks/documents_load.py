"""What it costs everybody else that files are being read: accepting messages, and memory.

50 PDFs of 100 pages are read while people talk, in the channel where they were posted and in
others. Before and afterwards they talk at the same pace, and nothing is read.
"""

import asyncio
import json
import random
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from statistics import quantiles

import sqlalchemy as sa

from benchmarks.bench_platform import BenchPlatform, serving
from benchmarks.sample_channels import FULL, fill, temporary
from benchmarks.sample_messages import COMMON, QUESTIONS
from bot.bootstrap import Nellie
from bot.domain.documents import PostedFile
from bot.domain.model import Author, Channel, Chunk, Message, Prompt, Usage
from bot.domain.ports import Model

CHANNELS, MESSAGES = 4, 5_000
FILES, PAGES = 50, 100
LINES, WORDS = 44, 12  # of a page, and of a line
RATE = 25  # messages a second
ALONE = 40.0  # seconds for which people talk while nothing is read, before and afterwards
PIECE = 2**16
DONE = sa.text("SELECT count(*), sum(passages), sum(pages) FROM document")
_ids, _files = count(1), count(1)


class SilentModel(Model):
    """Nobody asks it anything."""

    name = "silent"

    async def stream(self, prompt: Prompt) -> AsyncGenerator[Chunk]:
        """Nothing."""
        yield Chunk("", "stop", Usage(self.name, 1, 1))


class Drive(BenchPlatform):
    """A platform that hands over PDFs, each of which is another one."""

    def __init__(self, folder: Path, files: int, pages: int) -> None:
        super().__init__()
        self.folder = folder
        for number in range(1, files + 1):  # beforehand: making them costs more than reading them
            (folder / str(number)).write_bytes(make_pdf(number, pages))

    async def open_file(
        self, channel: Channel, message_id: str, file: PostedFile, *, small: bool = False
    ) -> AsyncIterator[bytes]:
        """One of them, as it would come in from a network."""
        with (self.folder / file.id).open("rb") as data:
            while piece := data.read(PIECE):
                yield piece
                await asyncio.sleep(0)


def make_pdf(seed: int, pages: int) -> bytes:
    """A PDF of pages full of words."""
    rng = random.Random(seed)
    words = [*COMMON, *(f"{one}{other}" for one in COMMON[200:260] for other in COMMON[260:300])]
    drawn = [
        _draw([" ".join(rng.choices(words, k=WORDS)) for _ in range(LINES)]) for _ in range(pages)
    ]
    kids = b" ".join(b"%d 0 R" % (4 + 2 * number) for number in range(pages))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, pages),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for number, text in enumerate(drawn):
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R"
            b" /Resources << /Font << /F 3 0 R >> >> >>" % (5 + 2 * number)
        )
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(text), text))
    data, places = bytearray(b"%PDF-1.4\n"), []
    for number, content in enumerate(objects, 1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = len(data)
    data += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    data += b"".join(b"%010d 00000 n \n" % place for place in places)
    data += b"trailer\n<< /Size %d /Root 1 0 R >>\n" % (len(objects) + 1)
    return bytes(data + b"startxref\n%d\n%%%%EOF\n" % table)


def _draw(lines: list[str]) -> bytes:
    texts = b"".join(b"(%s) Tj 0 -16 Td\n" % line.replace("'", "").encode() for line in lines)
    return b"BT /F 11 Tf 60 780 Td\n%sET" % texts


async def run(files: int, pages: int, alone: float) -> dict[str, float]:
    """All figures."""
    channels = [Channel("bench", "", f"channel {number}") for number in range(CHANNELS)]
    with tempfile.TemporaryDirectory(prefix="nellie-bench-") as folder:
        drive = Drive(Path(folder), files + 1, pages)
        return await _run(channels, drive, files, alone)


async def _run(channels: list[Channel], drive: Drive, files: int, alone: float) -> dict[str, float]:
    async with temporary(**FULL) as (settings, database):
        await fill(database, dict.fromkeys(channels, MESSAGES), samples=2 * MESSAGES)
        async with serving(settings, database, SilentModel(), drive) as nellie:
            await talk(nellie, channels, asyncio.Event(), seconds=alone / 4)  # warm
            await _read(nellie, channels[0], 1)
            before = await talk(nellie, channels, asyncio.Event(), seconds=alone)
            resident, started = _resident(), time.monotonic()
            during, peak = await _while_reading(nellie, channels, files)
            took = time.monotonic() - started
            after = await talk(nellie, channels, asyncio.Event(), seconds=alone)
        async with database.autocommit() as connection:
            done = await connection.execute(DONE)
            documents, passages, read = done.one()
    assert documents == files + 1
    usual = _p95([*before, *after])
    print(f"{documents} documents, {read:,} pages, {passages:,} passages, in {took:.0f} s")
    return {
        "accept_p95_ms": round(usual, 2),
        "accept_p95_ms_before": round(_p95(before), 2),
        "accept_p95_ms_after": round(_p95(after), 2),
        "accept_p95_ms_while_reading": round(_p95(during), 2),
        "rises_percent": round(100 * (_p95(during) / usual - 1), 1),
        "accepted_while_reading": len(during),
        "main_process_mb": round(resident, 1),
        "main_process_rises_mb": round(peak - resident, 1),
        "s_per_100_pages": round(took / (read - read / documents) * 100, 2),
    }


async def _while_reading(
    nellie: Nellie, channels: list[Channel], files: int
) -> tuple[list[float], float]:
    ended, peak = asyncio.Event(), 0.0

    async def watch() -> None:
        nonlocal peak
        while not ended.is_set():
            peak = max(peak, _resident())
            await asyncio.sleep(0.2)

    async def read() -> None:
        await _read(nellie, channels[0], files)
        ended.set()

    times, *_ = await asyncio.gather(talk(nellie, channels, ended), read(), watch())
    return times, peak


async def _read(nellie: Nellie, channel: Channel, files: int) -> None:
    """Somebody posts files, and the queue reads all of them."""
    posted = [
        PostedFile(id=str(next(_files)), name="report.pdf", media_type="application/pdf")
        for _ in range(files)
    ]
    for file in posted:
        message = _message(channel, f"file {file.id}", str(file))
        await nellie.inbox.receive(replace(message, files=(file,)))
    with tempfile.TemporaryDirectory(prefix="nellie-bench-") as folder:
        while await nellie.reading_queue.read_next(Path(folder)):
            pass


async def talk(
    nellie: Nellie, channels: list[Channel], ended: asyncio.Event, *, seconds: float = 3_600.0
) -> list[float]:
    """People talk until that has ended, at a steady pace; seconds that each message took."""
    times: list[float] = []
    pace, until = random.Random(1), time.monotonic() + seconds

    async def say(number: int) -> None:
        text = QUESTIONS[number % len(QUESTIONS)]
        message = _message(channels[number % len(channels)], f"talk {next(_ids)}", text)
        began = time.perf_counter()
        await nellie.inbox.receive(message)
        times.append(time.perf_counter() - began)

    async with asyncio.TaskGroup() as group:
        for number in count():
            if ended.is_set() or time.monotonic() > until:
                break
            group.create_task(say(number))
            await asyncio.sleep(pace.expovariate(RATE))
    return times


def _message(channel: Channel, id_: str, text: str) -> Message:
    return Message(channel, id_, Author("1", "person 1"), text, datetime.now(UTC))


def _p95(times: list[float]) -> float:
    """Milliseconds."""
    return 1_000 * quantiles(times, n=20)[-1]


def _resident() -> float:
    """Megabytes of this process now."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


if __name__ == "__main__":
    quick = "--quick" in sys.argv
    print(json.dumps(asyncio.run(run(4, 20, 5.0) if quick else run(FILES, PAGES, ALONE))))
