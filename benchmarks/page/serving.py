"""The page of a Nellie in a process of its own: python -m benchmarks.page.serving ADDRESS PORT.

Beside who sits at the machine there is a platform that says of one person that they read all.
"""

import asyncio
import sys
from collections.abc import Mapping, Sequence

from adapters.web.adapter import WebAdapter
from benchmarks.bench_platform import BenchPlatform
from bot import bootstrap
from bot.config.settings import load
from bot.domain.model import Channel


class ManyRooms(BenchPlatform):
    """A platform of thousands of channels."""

    async def may_read(self, channel: Channel, person_id: str) -> bool | None:
        """Everybody reads everything."""
        return True

    async def readable(self, channels: Sequence[Channel], person_id: str) -> Mapping[Channel, bool]:
        """Of all at once."""
        return dict.fromkeys(channels, True)

    async def is_member(self, workspace: str, person_id: str) -> bool | None:
        """Everybody stays."""
        return True


async def serve(address: str, port: int) -> None:
    """Until it is told to stop."""
    prices = "openai/gpt=1/0.1/8,tgi=0/0/0"
    settings = load(DATABASE_URL=address, model="extractive", log_level="warning", prices=prices)
    adapter = WebAdapter.at(port)
    adapters: Sequence[WebAdapter | ManyRooms] = [ManyRooms(), adapter]
    async with (
        bootstrap.opened(settings) as (models, database),
        bootstrap.started(settings, database, models, adapters) as nellie,
    ):
        await nellie.supervisor.serve([adapter])


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], int(sys.argv[2])))
