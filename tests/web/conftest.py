"""The open web, as one small server on this machine and one look-up of names."""

from collections.abc import AsyncIterator

import pytest
from doubles.open_web import OpenWeb


@pytest.fixture
async def web() -> AsyncIterator[OpenWeb]:
    """Sites with public addresses, all of them on one server here."""
    async with OpenWeb() as opened:
        yield opened
