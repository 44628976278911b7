"""The reading queue of a replica: what was posted is read, one file after another.

Nobody who posts waits for it. Whatever happens to a file is written in its row (posted_file), so
that a replica which dies leaves nothing behind but a claim that runs out.
"""

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import structlog

from bot.documents.fetching import Sources
from bot.documents.hearing import Hearing
from bot.documents.process import read_in_process
from bot.documents.read_one import Progress, ReadOne
from bot.documents.temporary import private_folder
from bot.domain.documents import Origin
from bot.domain.errors import DatabaseUnavailable
from bot.domain.ports import Transcriber
from bot.store.file_claims import ClaimedFile, FileClaims
from bot.store.file_news import FileNews
from bot.store.heartbeat import Heartbeat
from bot.store.posted_files import PostedFiles
from bot.store.stores import Stores
from bot.telemetry import metrics

LEASE = 60.0  # seconds of silence after which another replica reads it
TOLD = 1.0  # seconds between looks at how far it is
LOOK = 5.0  # seconds between looks at what is due; what comes here is read at once
NO_FOLDER = 60.0  # seconds to wait where there is no room for a folder to read in
MENDED = 500  # files that are tried again at the start: a right may have been given

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingQueue:
    """Reads files as long as it runs."""

    claims: FileClaims
    files: PostedFiles
    news: FileNews
    heartbeat: Heartbeat
    read_one: ReadOne
    platforms: Sequence[str]
    origins: Sequence[Origin] = ("post", "link")
    readers: int
    """Files that are read at once; 0 leaves them to other replicas."""
    hears: bool = False
    """Sounds are read, too."""
    lease: float = LEASE
    look: float = LOOK

    @classmethod
    def on(
        cls,
        stores: Stores,
        sources: Sources,
        *,
        readers: int,
        transcriber: Transcriber | None = None,
    ) -> Self:
        """On the stores of one replica, and whatever it can fetch files from."""
        read_one = ReadOne(
            claims=stores.file_claims,
            documents=stores.documents,
            sources=sources,
            read=Hearing(transcriber) if transcriber else read_in_process,
        )
        return cls(
            claims=stores.file_claims,
            files=stores.posted_files,
            news=stores.file_news,
            heartbeat=stores.heartbeat,
            read_one=read_one,
            platforms=tuple(sources.adapters),
            readers=readers,
            hears=transcriber is not None,
        )

    async def run(self) -> None:
        """Read what is due, again and again, until cancelled."""
        with suppress(DatabaseUnavailable):
            await self.files.try_again(self.platforms, limit=MENDED)
        while True:
            try:
                with private_folder() as folder:
                    await self._read_side_by_side(folder)
            except OSError as error:
                log.error("no_folder_to_read_in", reason=str(error))
                await asyncio.sleep(NO_FOLDER)

    async def _read_side_by_side(self, folder: Path) -> None:
        async with asyncio.TaskGroup() as group:
            for _ in range(self.readers):
                group.create_task(self._read_all(folder))
            await asyncio.Event().wait()

    async def read_next(
        self, folder: Path, *, channel_id: int | None = None, under: str = ""
    ) -> bool:
        """Read the next file that is due; False where none is. Raises DatabaseUnavailable.

        In one channel alone, and `under` a path alone, where these are given.
        """
        if self.hears:
            await self.files.hear(self.platforms)
        claimed = await self.claims.claim(
            self.heartbeat.owner,
            platforms=self.platforms,
            origins=self.origins,
            channel_id=channel_id,
            under=under,
            lease=self.lease,
        )
        if claimed is None:
            return False
        outcome = await self._read(claimed, folder)
        metrics.files.add(outcome)
        log.info("file_read", file=claimed.file.id, channel=claimed.channel_id, outcome=outcome)
        return True

    async def _read_all(self, folder: Path) -> None:
        while True:
            try:
                if await self.read_next(folder):
                    continue
            except DatabaseUnavailable as error:
                log.warning("job_waits", job="documents", reason=str(error))
            except Exception as error:  # a fault of ours; its file comes again when its lease ends
                metrics.job_failures.add("documents")
                log.error("job_failed", job="documents", exc_info=error)
            await self.news.wait_for_more(self.look)

    async def _read(self, claimed: ClaimedFile, folder: Path) -> str:
        """How it ended. It ends early where the file is not ours any more."""
        progress = Progress()
        reading = asyncio.create_task(self.read_one.run(claimed, folder, progress))
        keeping = asyncio.create_task(self._keep(claimed, progress))
        try:
            await asyncio.wait((reading, keeping), return_when=asyncio.FIRST_COMPLETED)
            is_lost = keeping.done() and not (progress.is_ending or reading.done())
            return "gone" if is_lost else await reading
        except asyncio.CancelledError:
            await self._give_back(claimed, reading)
            raise
        finally:
            for task in (reading, keeping):
                task.cancel()
            await asyncio.gather(reading, keeping, return_exceptions=True)

    async def _keep(self, claimed: ClaimedFile, progress: Progress) -> None:
        """Keep the claim, and say how far the file is, until it is not ours any more."""
        told, until = "", time.monotonic() + self.lease / 3
        while True:
            await asyncio.sleep(min(TOLD, self.lease / 3))
            if progress.text == told and time.monotonic() < until:
                continue
            told, until = progress.text, time.monotonic() + self.lease / 3
            with suppress(DatabaseUnavailable):  # then nothing can be stored, and it comes again
                kept = await self.claims.keep(claimed, lease=self.lease, progress=told)
                if not (kept or progress.is_ending):
                    return

    async def _give_back(self, claimed: ClaimedFile, reading: "asyncio.Task[str]") -> None:
        """This replica is told to stop."""
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        with suppress(DatabaseUnavailable):
            await asyncio.shield(self.claims.give_back(claimed))
