"""A channel's memory out and in at the page, by what `nellie export` and `nellie import` do."""

import asyncio
import tempfile
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

import structlog

from bot.archives.opening import Source, opened_source
from bot.core import archive_import
from bot.core.archive_export import export_documents, export_messages
from bot.core.archive_import import Complaints, ImportResult, checked_entries
from bot.domain.bounded_cache import BoundedCache
from bot.domain.errors import DatabaseUnavailable, NellieError, NotAllowed
from bot.domain.model import Channel
from bot.domain.page import (
    ArchiveTooLarge,
    ChannelArchive,
    ImportRunning,
    ImportState,
    NotImported,
    ReadableChannel,
    Visitor,
)
from bot.domain.ports import BadLine
from bot.page.archive_parts import choose, entries_of, take
from bot.page.changing import Changing
from bot.page.reading import Reading
from bot.page.uploading import plain_name
from bot.store.audit import Audit
from bot.store.channels import ChannelState

MB = 2**20
MOST_BYTES = 1_024 * MB
MOST_AT_ONCE = 2  # imports of this replica
SHOWN = 50  # entries that cannot be read, one by one
KNOWN = 200  # channels of which the last import is remembered
IMPORTED, EXPORTED = "imported an archive", "exported the memory"
WHO = "people with rights over this channel (or in NELLIE_ADMINS)"
AWAY = "the database went away; what came in is there, and the rest comes with the same file again"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Archiving:
    """Exports and imports for who has rights over a channel."""

    reading: Reading
    changing: Changing
    audit: Audit
    parts: archive_import.Parts
    _states: BoundedCache[int, ImportState] = field(default_factory=lambda: BoundedCache(KNOWN))
    _running: set["asyncio.Task[None]"] = field(default_factory=set)

    async def archive(self, visitor: Visitor, channel_id: int) -> ChannelArchive:
        """What one may do, and how far an import is. Raises NotThere."""
        state, _ = await self.reading.require(visitor, channel_id)
        has_rights = await self._has_rights(visitor, state.channel)
        return ChannelArchive(
            readable=ReadableChannel(channel_id, state.channel),
            has_rights=has_rights,
            messages=await self.parts.stores.messages.count(channel_id),
            importing=self._states.get(channel_id) if has_rights else None,
        )

    async def export(self, visitor: Visitor, channel_id: int) -> AsyncIterator[str]:
        """The lines, a batch at a time. Raises NotThere, NotAllowed before the first of them."""
        state = await self._require(visitor, channel_id)
        entry = await self.audit.begin(visitor, EXPORTED, channel_id=channel_id)
        return self._lines(state, entry)

    async def bring(
        self,
        visitor: Visitor,
        channel_id: int,
        *,
        name: str,
        which: str,
        pieces: AsyncIterator[bytes],
    ) -> None:
        """Take an archive, and import it behind this call.

        `which` names one of its channels, where it holds several. Raises NotThere, NotAllowed and
        NotImported.
        """
        state = await self._require(visitor, channel_id)
        former = self._states.get(channel_id)
        if (former and former.running) or len(self._running) >= MOST_AT_ONCE:
            raise ImportRunning(reason="another import is under way. Try again when it is done.")
        name = plain_name(name)
        importing = self._states[channel_id] = ImportState(name=name)
        folder = tempfile.TemporaryDirectory(prefix="nellie-import-", ignore_cleanup_errors=True)
        path = Path(folder.name, name)
        try:
            await _write(path, pieces)
            entry = await self.audit.begin(visitor, IMPORTED, channel_id=channel_id)
        except BaseException:
            folder.cleanup()
            importing.running = False
            self._states.pop(channel_id, None)
            raise
        task = asyncio.create_task(self._import(state.channel, path, which, importing, entry))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        task.add_done_callback(lambda _: folder.cleanup())

    async def close(self) -> None:
        """Break off what is under way: what came in is there, the rest comes another time."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _has_rights(self, visitor: Visitor, channel: Channel) -> bool:
        has_rights, _ = await self.changing.rights(visitor, channel)
        return has_rights or visitor.admin

    async def _require(self, visitor: Visitor, channel_id: int) -> ChannelState:
        state, _ = await self.reading.require(visitor, channel_id)
        if not await self._has_rights(visitor, state.channel):
            raise NotAllowed(who=WHO)
        return state

    async def _lines(self, state: ChannelState, entry: int | None) -> AsyncIterator[str]:
        database, count = self.parts.database, 0
        async for lines in export_messages(database, state.channel, state.id):
            count += len(lines)
            yield "".join(lines)
        async for line in export_documents(database, state.id):
            yield line
        if entry is not None:
            await self.audit.finish(entry, f"{count:,} messages")

    async def _import(
        self, channel: Channel, path: Path, which: str, state: ImportState, entry: int | None
    ) -> None:
        """To an end, whichever that is; a file that is brought again brings only what is new."""
        complaints = Complaints(tell=lambda bad: _complain(state, bad, path))
        try:
            with ExitStack() as stack:
                source = await asyncio.to_thread(stack.enter_context, opened_source(str(path), ""))
                chosen = await asyncio.to_thread(choose, source, which, channel)
                result = await self._store(source, chosen, channel, state, complaints)
            state.result = f"{result}."
            if entry is not None:
                await self.audit.finish(entry, f"{result}")
        except DatabaseUnavailable:
            self._fail(state, AWAY)
        except NellieError as error:
            self._fail(state, str(error).replace(str(path), state.name))
            if entry is not None and not state.done:
                await self.audit.drop(entry)
        except Exception as error:  # a fault of ours
            log.error("import_failed", exc_info=error)
            self._fail(state, "something went wrong here; it is in the log.")
        finally:
            state.running = False

    def _fail(self, state: ImportState, reason: str) -> None:
        state.failed, state.result = True, reason

    async def _store(
        self,
        source: Source,
        chosen: Channel,
        channel: Channel,
        state: ImportState,
        complaints: Complaints,
    ) -> ImportResult:
        result = ImportResult()
        entries = checked_entries(
            entries_of(source, chosen, channel), source.files.path, complaints
        )
        while batch := await asyncio.to_thread(take, entries):
            await archive_import.import_batch(self.parts, channel, batch, result)
            state.done += len(batch)
        documents = await archive_import.import_documents(
            self.parts,
            ((channel, one) for _, one in source.documents((chosen,), complaints.add)),
        )
        result.documents, result.bad = documents[channel], complaints.count
        state.bad_count = complaints.count
        result.skipped = Counter(getattr(source.archive, "skipped", {}))
        if not (state.done or result.documents):
            raise NotImported(reason="it holds no message that can be read.")
        if result.new:
            await self.parts.database.analyze()
        return result


async def _write(path: Path, pieces: AsyncIterator[bytes]) -> None:
    size = 0
    with path.open("xb") as file:
        async for piece in pieces:
            size += len(piece)
            if size > MOST_BYTES:
                reason = f"the file is larger than {MOST_BYTES // MB:,} MB; use nellie import."
                raise ArchiveTooLarge(reason=reason)
            try:
                await asyncio.to_thread(file.write, piece)
            except OSError as error:
                reason = f"there is no room for it here ({error.strerror})."
                raise NotImported(reason=reason) from error
    if not size:
        raise NotImported(reason="the file is empty.")


def _complain(state: ImportState, bad: BadLine, path: Path) -> None:
    state.bad_count += 1
    if len(state.bad) < SHOWN:
        shown = bad.path.replace(str(path), state.name, 1)
        state.bad = [*state.bad, replace(bad, path=shown)]
