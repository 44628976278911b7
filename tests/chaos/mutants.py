"""Nellie without one of her safeguards, to see that a run without it fails."""

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from chaos.driver import LEASE, Plan

ROOT = Path(__file__).parents[2]
_SHORT = Plan(
    seed=1, seconds=25, replicas=2, rate=6, asked=0.5, every=3, slack_only=True, patience=45
)


@dataclass(frozen=True)
class Mutant:
    """What is taken out, and the run that notices."""

    plan: Plan
    changes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """By file: what stands there, and what stands there instead."""


MUTANTS = {
    "the fence": Mutant(
        # Frozen for so long that nobody looks for doubles any more when it wakes.
        replace(
            _SHORT, seconds=45, kinds=("freeze",), every=2, freeze=(3.6 * LEASE, 4.2 * LEASE),
            thinking=1.5,
        ),
        {
            "bot/store/presence.py": {
                "return self._clock() < self._alive_until and not self._broken.is_set()":
                    "return True",
            },
            "bot/store/turns.py": {
                "AND lane = :lane AND owner = :owner AND epoch = :epoch\n\"\"\"":
                    "AND lane = :lane AND (owner = :owner OR epoch <> :epoch OR true)\n\"\"\"",
            },
        },
    ),
    "the dedupe key": Mutant(
        replace(_SHORT, kinds=("again",)),
        {
            "bot/store/adding.py": {
                "AND m.external_id = i.external_id": "AND false",
                "ON CONFLICT (channel_id, external_id) DO NOTHING": "",
            },
            "bot/store/migrations/versions/0001_first_tables.py": {
                '"channel_id", "external_id", name=op.f("uq_message':
                    '"channel_id", "external_id", "seq", name=op.f("uq_message',
            },
        },
    ),
    "the look for what is posted": Mutant(
        replace(_SHORT, kinds=("kill",), slow_posts=1.0),
        {
            "adapters/slack/posts.py": {
                "for message in await self._replies(turn):": "for message in ():",
            },
        },
    ),
    "the commit before the acknowledgement": Mutant(
        # A kill would not do: what a dead replica has sent to Postgres is carried out all the same.
        replace(_SHORT, kinds=("postgres",), every=5, rate=25, asked=0.04, no_history=True),
        {
            "adapters/slack/reception.py": {
                'await intake.take(want(request.body, "event", dict))':
                    '__import__("asyncio").ensure_future(intake.take(request.body["event"]))',
            },
        },
    ),
}  # fmt: skip


@contextmanager
def without(name: str) -> Iterator[Plan]:
    """The run that must fail, with a copy of the code from which this was taken out."""
    mutant = MUTANTS[name]
    with tempfile.TemporaryDirectory(prefix="nellie-mutant-") as folder:
        code = Path(folder)
        for package in ("bot", "adapters"):
            shutil.copytree(
                ROOT / package, code / package, ignore=shutil.ignore_patterns("__pycache__")
            )
        for file, changes in mutant.changes.items():
            text = (code / file).read_text()
            for old, new in changes.items():
                assert text.count(old) == 1, f"{file} has {text.count(old)} times: {old}"
                text = text.replace(old, new)
            (code / file).write_text(text)
        yield replace(mutant.plan, code=code)
