"""A channel's history goes out, as JSON lines and a batch at a time."""

from collections.abc import AsyncIterator

from bot.archives.document_lines import to_document_line, to_passage_line
from bot.archives.jsonl import to_json_line
from bot.core.backfill import BATCH
from bot.domain.model import Channel, Message
from bot.store.archived_documents import ArchivedDocuments
from bot.store.database import Database
from bot.store.messages import Messages
from bot.store.posted_files import PostedFiles


async def export_messages(
    database: Database, channel: Channel, channel_id: int
) -> AsyncIterator[list[str]]:
    """All messages in their order, some lines at a time."""
    async for batch in _batches(Messages(database).read_in_order(channel, channel_id)):
        found = await PostedFiles(database).with_files(channel_id, batch)
        yield [to_json_line(message) + "\n" for message in found]


async def export_documents(database: Database, channel_id: int) -> AsyncIterator[str]:
    """What was read of files, a line at a time."""
    documents = ArchivedDocuments(database)
    async for one in documents.read(channel_id):
        found = one.archived
        yield to_document_line(found.sha256, found.text, found.places) + "\n"
        async for passage in documents.passages(channel_id, one.id):
            yield to_passage_line(found.sha256, passage) + "\n"


async def _batches(messages: AsyncIterator[Message]) -> AsyncIterator[list[Message]]:
    batch: list[Message] = []
    async for message in messages:
        batch.append(message)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
