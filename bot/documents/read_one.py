"""Reading one file that was claimed: fetched, read in a process of its own, and stored."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from bot.documents.fetching import FetchedFile, NotTakenIn, Sources, TooLarge, fetched_file
from bot.documents.hearing import NotHeard
from bot.documents.limits import Limits
from bot.documents.process import read_in_process
from bot.documents.rows import Rows, rows_in
from bot.domain.documents import DocumentText, NotReadable
from bot.domain.errors import DatabaseUnavailable
from bot.store.documents import Documents
from bot.store.file_claims import ClaimedFile, FileClaims
from bot.store.uploads import is_upload
from bot.telemetry import metrics

FETCHING = 120.0  # seconds that a file may take to come
PAUSES = (10.0, 60.0, 600.0, 3_600.0)  # seconds before it is tried again
HERE = 300.0  # the same where this machine is in the way, as often as need be
NOT_FETCHED = "it could not be fetched"
NOT_STORED = "what was read of it could not be stored"
BROKEN_OFF = "reading it broke off again and again"
IN_THE_WAY = "this machine could not take it in ({reason})"
log = structlog.get_logger(__name__)


class _NotNow(Exception):
    """It may work later; the text says for people what was in the way."""


@dataclass(slots=True)
class Progress:
    """How far a file is, for people who wait for it."""

    text: str = ""
    is_ending: bool = False
    """Its end is being written down, which nobody may disturb."""

    def hear(self, done: int, total: int) -> None:
        """So many pages are read, of so many; 0 where nobody knows."""
        self.text = f"page {done:,} of {total:,}" if total else f"page {done:,}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOne:
    """Reads a file to an end, whichever that is, and says in its row which it was."""

    claims: FileClaims
    documents: Documents
    sources: Sources
    limits: Limits = field(default_factory=Limits)
    fetching: float = FETCHING
    read: Callable[..., Awaitable[DocumentText]] = read_in_process

    async def run(self, claimed: ClaimedFile, folder: Path, progress: Progress) -> str:
        """How it ended, in a word for metrics. Raises DatabaseUnavailable: then it comes again.

        `folder` is private; nothing is left in it.
        """
        try:
            with fetched_file(folder, self.limits.bytes) as file, rows_in(folder) as rows:
                outcome = await self._attempt(claimed, file, rows, progress)
        except NotReadable as error:
            progress.is_ending = True
            await self.claims.refuse(claimed, str(error), mendable=error.mendable)
            outcome = _class_of(error)
        except _NotNow as error:
            progress.is_ending = True
            return await self._put_off(claimed, str(error))
        except (OSError, NotTakenIn) as error:
            progress.is_ending = True
            log.warning("file_not_taken_in", file=claimed.file.id, reason=str(error))
            note = IN_THE_WAY.format(reason=getattr(error, "strerror", None) or error)
            await self.claims.put_off(claimed, HERE, note, counted=False)
            return "later"
        if is_upload(claimed.file) and outcome != "gone":  # then somebody else may be reading it
            await self.sources.uploads.let_go(claimed.channel_id, [claimed.file.id])
        return outcome

    async def _attempt(
        self, claimed: ClaimedFile, file: FetchedFile, rows: Rows, progress: Progress
    ) -> str:
        if claimed.attempts > len(PAUSES) + 1:  # the process died of it each time
            raise NotReadable(BROKEN_OFF)
        await self._fetch(claimed, file)
        progress.is_ending = True
        if await self.documents.point_to_known(claimed, file.sha256):
            return "known"
        progress.is_ending = False
        document = await self._read(claimed, file, rows, progress)
        progress.is_ending = True
        stored = await self._store(claimed, file.sha256, document, rows)
        return "read" if stored else "gone"

    async def _fetch(self, claimed: ClaimedFile, file: FetchedFile) -> None:
        try:
            with metrics.file_seconds.time("fetch"):
                async with asyncio.timeout(self.fetching):
                    await self.sources.fetch(claimed, file)
        except (NotReadable, NotTakenIn):
            raise
        except Exception as error:  # whatever a platform's library raises
            reason = str(error) or type(error).__name__
            log.warning("file_not_fetched", file=claimed.file.id, reason=reason[:300])
            raise _NotNow(NOT_FETCHED) from error

    async def _read(
        self, claimed: ClaimedFile, file: FetchedFile, rows: Rows, progress: Progress
    ) -> DocumentText:
        media_type = claimed.file.media_type or file.media_type
        with metrics.file_seconds.time("read"):
            try:
                return await self.read(
                    file.path,
                    claimed.file.name,
                    media_type,
                    limits=self.limits,
                    progress=progress.hear,
                    take=rows.take,
                )
            except NotHeard as error:
                log.warning("sound_not_heard", file=claimed.file.id, exc_info=error)
                raise _NotNow(str(error)) from error

    async def _store(
        self, claimed: ClaimedFile, sha256: str, document: DocumentText, rows: Rows
    ) -> bool:
        try:
            with metrics.file_seconds.time("store"):
                return await self.documents.put(claimed, sha256, document, rows)
        except DatabaseUnavailable:
            raise
        except Exception as error:  # what the process said was not what it should have
            metrics.job_failures.add("documents")
            log.error("document_not_stored", file=claimed.file.id, exc_info=error)
            raise _NotNow(NOT_STORED) from error

    async def _put_off(self, claimed: ClaimedFile, note: str) -> str:
        if claimed.attempts > len(PAUSES):
            await self.claims.refuse(claimed, note)
            return "not_fetched" if note == NOT_FETCHED else "unreadable"
        await self.claims.put_off(claimed, PAUSES[claimed.attempts - 1], note)
        return "later"


def _class_of(error: NotReadable) -> str:
    if error.mendable:
        return "no_right"
    return "too_large" if isinstance(error, TooLarge) else "unreadable"
