"""What the doctor examines: an environment, and doubles of all that Nellie needs."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from doubles.discord_server.server import Discord
from doubles.openai_server import OpenAIServer
from doubles.slack_server import Slack
from doubles.tgi_server import TGIServer

from bot.config.environment import read_environment
from bot.doctor.examination import examine
from bot.domain.ports import Finding
from bot.store.database import Database

FOREIGN = ("NELLIE_", "DISCORD_", "SLACK_", "OPENAI_", "DATABASE_URL")


@dataclass
class Patient:
    """The environment and the servers of one Nellie."""

    slack: Slack
    discord: Discord
    openai: OpenAIServer
    tgi: TGIServer
    environ: dict[str, str]
    monkeypatch: pytest.MonkeyPatch
    late: timedelta = field(default_factory=timedelta)
    """By how much the clock is behind."""

    async def examined(self) -> list[Finding]:
        """What the doctor finds."""
        for name, value in self.environ.items():
            self.monkeypatch.setenv(name, value)
        return [one async for one in examine(clock=lambda: datetime.now(UTC) - self.late)]

    async def execute(self, statement: str) -> None:
        """Run a statement on the database."""
        database = Database(self.environ["DATABASE_URL"], pool=1)
        async with database.autocommit() as connection:
            await connection.execute(sa.text(statement))
        await database.close()


@pytest.fixture
def nellie_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An environment that sets nothing."""
    monkeypatch.chdir(tmp_path)
    for name in read_environment():
        if name.startswith(FOREIGN):
            monkeypatch.delenv(name)


@pytest.fixture
async def patient(
    nellie_alone: None, address: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Patient]:
    """All is well, with Slack, Discord, and a model of each kind."""
    async with (
        Slack() as slack,
        Discord() as discord,
        OpenAIServer(key="right") as openai,
        TGIServer() as tgi,
    ):
        environ = {
            **slack.environ,
            **discord.environ,
            "DATABASE_URL": address,
            "NELLIE_MODEL": "openai/double,tgi",
            "OPENAI_BASE_URL": openai.url,
            "OPENAI_API_KEY": "right",
            "NELLIE_TGI_URL": tgi.url,
        }
        yield Patient(slack, discord, openai, tgi, environ, monkeypatch)
