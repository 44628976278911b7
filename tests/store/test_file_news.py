"""Who waits for a file is told, in every replica, and nobody waits for ever."""

import asyncio
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from doubles.sample_messages import ROOM
from store.test_documents import sample_text

from bot.domain.documents import PostedFile
from bot.domain.model import Author
from bot.store.channels import Channels
from bot.store.database import Database
from bot.store.documents import Documents
from bot.store.file_claims import FileClaims
from bot.store.file_news import FileNews
from bot.store.heartbeat import Heartbeat
from bot.store.posted_files import PostedFiles

AGES = 60.0  # seconds that nothing here takes
FILE = PostedFile(id="https://example.org", name="terms")


async def test_who_waits_is_woken_by_news_of_their_channel_alone() -> None:
    news = FileNews()
    waits = [asyncio.ensure_future(news.wait(channel, AGES)) for channel in (1, 1, 2)]
    await asyncio.sleep(0)

    news.tell(1)
    news.tell(1)
    await asyncio.gather(*waits[:2])

    assert not waits[2].done()
    news.tell(2)
    await waits[2]
    news.tell(3)


async def test_nobody_waits_for_longer_than_they_want() -> None:
    news = FileNews()

    await news.wait(1, 0.01)
    await news.wait_for_more(0.01)


async def test_the_queue_is_woken_by_what_came_before_it_looked() -> None:
    news = FileNews()

    news.come()
    await news.wait_for_more(AGES)

    more = asyncio.ensure_future(news.wait_for_more(AGES))
    await asyncio.sleep(0)
    assert not more.done()
    news.come()
    await more


@pytest.mark.parametrize("end", ["read", "refused", "put off", "further"])
async def test_another_replica_hears_of_what_happens_to_a_file(
    end: str, appear: Callable[..., Heartbeat], database: Database
) -> None:
    heartbeat, news = appear(), FileNews()
    heartbeat.on_file = news.tell
    await heartbeat.register()
    channel = await Channels(database).id(ROOM)
    await PostedFiles(database).add(channel, [FILE], origin="link", author=Author("U1", "Ana"))
    claims = FileClaims(database)
    claimed = await claims.claim(7, platforms=[], lease=60)
    assert claimed is not None
    waits = asyncio.ensure_future(news.wait(channel, AGES))
    await asyncio.sleep(0)

    match end:
        case "read":
            await Documents(database).put(claimed, "aa", sample_text(), [])
        case "refused":
            await claims.refuse(claimed, "it is protected")
        case "put off":
            await claims.put_off(claimed, 5, "no answer")
        case "further":
            await claims.keep(claimed, lease=60, progress="page 1 of 2")

    async with asyncio.timeout(AGES / 2):
        await waits


async def test_a_malformed_notification_wakes_nobody(
    appear: Callable[..., Heartbeat], database: Database
) -> None:
    heard = asyncio.Queue[int]()
    heartbeat = appear()
    heartbeat.on_file = heard.put_nowait
    await heartbeat.register()

    async with database.autocommit() as connection:
        for text in ("", "-1", "a lot", "12"):
            await connection.execute(sa.text("SELECT pg_notify('nellie_file', :it)"), {"it": text})
    async with asyncio.timeout(AGES / 2):
        assert await heard.get() == 12
