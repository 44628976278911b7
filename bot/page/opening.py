"""Adapters that show the page are given it; without one of them, none is built."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.domain.ports import Adapter
from bot.page.parts import Parts


@asynccontextmanager
async def let_people_look(parts: Parts) -> AsyncIterator[None]:
    """For as long as the block lasts."""
    wanting = [one for one in parts.adapters.values() if type(one).show is not Adapter.show]
    if not wanting:
        yield
        return
    from bot.page.building import build_page  # only here: its parts cost memory

    page = build_page(parts)
    for adapter in wanting:
        adapter.show(page)
    try:
        yield
    finally:
        await page.archiving.close()
        await page.examining.close()
        await page.changing.noting.close()
