"""A Nellie whom a doctor visits: her environment, and doubles of all that she needs."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from doubles.discord.double import Discord
from doubles.openai import OpenAIDouble
from doubles.slack import Slack
from doubles.tgi import TGIDouble

from bot import doctor
from bot.ports import Finding
from bot.settings import environment
from bot.store.database import Database

FOREIGN = ("NELLIE_", "DISCORD_", "SLACK_", "OPENAI_", "DATABASE_URL")


@dataclass
class Patient:
    """What she is told and what she meets."""

    slack: Slack
    discord: Discord
    openai: OpenAIDouble
    tgi: TGIDouble
    environ: dict[str, str]
    monkeypatch: pytest.MonkeyPatch
    late: timedelta = field(default_factory=timedelta)
    """By how much her clock is behind."""

    async def examined(self) -> list[Finding]:
        """What the doctor finds."""
        for name, value in self.environ.items():
            self.monkeypatch.setenv(name, value)
        return [one async for one in doctor.examine(clock=lambda: datetime.now(UTC) - self.late)]

    async def execute(self, statement: str) -> None:
        """Do this to her database."""
        database = Database(self.environ["DATABASE_URL"], pool=1)
        async with database.single() as connection:
            await connection.execute(sa.text(statement))
        await database.close()


@pytest.fixture
async def patient(
    address: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> AsyncIterator[Patient]:
    """One who is well, with Slack, Discord, and a model of each kind."""
    monkeypatch.chdir(tmp_path)
    for name in environment():
        if name.startswith(FOREIGN):
            monkeypatch.delenv(name)
    async with (
        Slack() as slack, Discord() as discord, OpenAIDouble(key="right") as openai,
        TGIDouble() as tgi,
    ):  # fmt: skip
        environ = {
            **slack.environ, **discord.environ, "DATABASE_URL": address,
            "NELLIE_MODEL": "openai/double,tgi", "OPENAI_BASE_URL": openai.url,
            "OPENAI_API_KEY": "right", "NELLIE_TGI_URL": tgi.url,
        }  # fmt: skip
        yield Patient(slack, discord, openai, tgi, environ, monkeypatch)
