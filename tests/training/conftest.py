"""A dataset of what is in a test's database, written into a folder of its own."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.datasets.exporting import Exporter, Wanted
from bot.datasets.manifest import manifest
from bot.datasets.scrubbing import Scrubber
from bot.datasets.splits import Shares
from bot.datasets.writing import write_folder
from bot.prompting.budget import Budget
from bot.store.channels import Channels
from bot.store.database import Database
from bot.store.training_turns import TrainingTurns


@dataclass(frozen=True)
class Written:
    """A dataset, read back."""

    folder: Path

    @property
    def text(self) -> str:
        """All of it, the manifest too."""
        return "\n".join(path.read_text() for path in sorted(self.folder.iterdir()))

    @property
    def manifest(self) -> dict[str, Any]:
        """What it says of itself."""
        read: dict[str, Any] = json.loads((self.folder / "manifest.json").read_text())
        return read

    def lines(self, name: str = "train") -> list[dict[str, Any]]:
        """The lines of a file; none where there is no such file."""
        path = self.folder / f"{name}.jsonl"
        return [json.loads(one) for one in path.read_text().splitlines()] if path.exists() else []

    def last_said(self, name: str = "train") -> list[str]:
        """The answers to learn."""
        return [line["messages"][-1]["content"] for line in self.lines(name)]


Export = Callable[..., Awaitable[Written]]


@pytest.fixture(scope="session")
def scrubber() -> Scrubber:
    return Scrubber()


@pytest.fixture
def export(database: Database, tmp_path: Path, scrubber: Scrubber) -> Export:
    """Writes a dataset of all channels in which several people talk."""
    made = 0

    async def write(*, folder: Path | None = None, tokens: int = 4_096, **given: Any) -> Written:
        nonlocal made
        made += 1
        folder = folder or tmp_path / f"data-{made}"
        states = await Channels(database).all()
        budget = Budget.fit(high=8_000, low=2_000, recall=1_200, answer=1_000)
        choices: dict[str, Any] = {
            "trainer": "openai",
            "channels": [one for one in states if not one.channel.direct],
            "since": None,
            "until": None,
            "rated": "good",
            "cited": False,
            "pairs": False,
            "shares": Shares(),
            "persona": "You are Nellie.",
            "budget": budget.scale(tokens * 3 / 4 / budget.total),
            "tokens": tokens,
            "keep_names": False,
            "key": b"a key of this test",
        }
        wanted = Wanted(**{**choices, **given})
        with write_folder(folder, replace=False) as written:
            exporter = Exporter(TrainingTurns(database), wanted, scrubber)
            exported = await exporter.write(written, lambda done, total: None)
            written.finish(manifest(exported, wanted, licence="", made=datetime.now(UTC)))
        return Written(folder)

    return write
