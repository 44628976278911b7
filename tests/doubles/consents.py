"""People who are asked whether a tool may change something."""

import json
from collections.abc import Mapping
from typing import Any

from doubles.fake_toolbox import SEND, FakeToolbox

from bot.core.consenting.ending import Ending
from bot.domain.consents import ConsentEnd, ConsentQuestion
from bot.domain.model import Author
from bot.domain.ports import ToolContext
from bot.testing import ANA, RunningNellie


def send(query: str) -> tuple[str, str]:
    """A call that changes something, as a model writes it."""
    return ("send", json.dumps({"query": query}))


def mailbox() -> FakeToolbox:
    """One tool, which changes something."""
    return FakeToolbox(SEND)


async def asked(
    nellie: RunningNellie, text: str = "send it", author: Author = ANA, **fields: Any
) -> tuple[int, tuple[ConsentQuestion, ...]]:
    """Ask something; the turn, and what its answer asks back."""
    turn = await nellie.open_turn(author, text, **fields)
    await nellie.parts.lanes.idle()
    return turn, nellie.platform.consents[turn]


async def decide(
    nellie: RunningNellie,
    question: ConsentQuestion,
    person: Author = ANA,
    *,
    allows: bool = True,
    has_rights: bool = False,
) -> ConsentEnd:
    """Press a button; returns once what follows from it has ended."""
    end = await nellie.parts.turns.consent(
        question.id, person, allows=allows, has_rights=has_rights
    )
    await nellie.parts.lanes.idle()
    return end


def ending_of(nellie: RunningNellie) -> Ending:
    """What the job for questions does."""
    return nellie.parts.jobs.consents


async def let_pass(nellie: RunningNellie, minutes: int = 16) -> None:
    """So much time passes for every question."""
    await nellie.rows(
        "UPDATE consent SET until = until - make_interval(mins => :minutes)", minutes=minutes
    )


async def states(nellie: RunningNellie) -> list[str]:
    """How the questions stand."""
    return [state for (state,) in await nellie.rows("SELECT state FROM consent ORDER BY id")]


async def words_kept(nellie: RunningNellie) -> int:
    """How many calls still have their words."""
    [(kept,)] = await nellie.rows("SELECT count(*) FROM tool_call WHERE call IS NOT NULL")
    return int(kept)


async def refuses(arguments: Mapping[str, Any], context: ToolContext) -> str:
    """Work that fails for certain."""
    raise ConnectionRefusedError
