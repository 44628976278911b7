"""Commands that asked whether somebody is sure: what "yes" means, to whom, and for how long."""

from bot.domain.model import Channel
from bot.store.database import Database
from bot.store.sql_files import load
from bot.text.fingerprints import fingerprint

_SQL = load("confirmations")

MINUTES = 10
"""For so long, a yes is taken for the answer."""


class Confirmations:
    """One question at most for each person in a channel; any replica knows of it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def ask(
        self, channel_id: int, channel: Channel, person: str, command: str, *, thread: str = ""
    ) -> None:
        """Somebody was asked whether to go through with a command, given as it would be typed."""
        values = {
            "channel": channel_id,
            "person": _of(channel, person),
            "command": command,
            "thread": thread,
        }
        async with self._database.autocommit() as connection:
            await connection.execute(_SQL.let_go, {"minutes": MINUTES})
            await connection.execute(_SQL.ask, values)

    async def find(
        self,
        channel_id: int,
        channel: Channel,
        person: str,
        *,
        addressed: bool = True,
        thread: str = "",
    ) -> str | None:
        """The command that somebody was asked about and has not answered yet.

        Not `addressed` is what they say to nobody: it counts while nobody else has spoken, and not
        in another thread than where they were asked.
        """
        values = {
            "channel": channel_id,
            "person": _of(channel, person),
            "author": person,
            "addressed": addressed,
            "thread": thread,
            "minutes": MINUTES,
        }
        async with self._database.autocommit() as connection:
            command: str | None = await connection.scalar(_SQL.find, values)
            return command

    async def drop(self, channel_id: int, channel: Channel, person: str) -> bool:
        """The question is answered; False where there was none."""
        values = {"channel": channel_id, "person": _of(channel, person)}
        async with self._database.autocommit() as connection:
            return await connection.scalar(_SQL.drop, values) is not None

    async def let_go(self) -> None:
        """Delete what nobody has answered in time."""
        async with self._database.autocommit() as connection:
            await connection.execute(_SQL.let_go, {"minutes": MINUTES})


def _of(channel: Channel, person: str) -> str:
    return fingerprint(channel.platform, person)
