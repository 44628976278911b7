"""An answer as it is generated: its citations are put in before it is made safe, and counted."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from doubles.found_passages import LINK, found_passage

from bot.core.generation import generate
from bot.core.turn_run import TurnRun
from bot.domain.errors import EmptyAnswer, ModelUnavailable
from bot.domain.model import Author, Channel, ChatMessage, Chunk, Message, Prompt, Purpose, Turn
from bot.store.turns import Lease
from bot.telemetry import metrics
from bot.testing.scripted_model import SteppedModel

CHANNEL = Channel("fake", "team", "C1")
CITED = f"[contract.pdf, p. 4]({LINK})"


class _Holds:
    def holds(self, owner: int) -> bool:
        return True


def prompt(*, purpose: Purpose = "answer", **fields: Any) -> Prompt:
    passages = (found_passage("Thirty days.", **fields),)
    return Prompt(purpose, (ChatMessage("user", "notice?"),), 100, passages=passages)


def new_run() -> TurnRun:
    asked = Message(CHANNEL, "m1", Author("U1", "ana"), "notice?", datetime.now(UTC), seq=1)
    turn, lease = Turn(1, CHANNEL, "author:U1", asked), Lease(1, "author:U1", 0, 1)
    return TurnRun(turn, lease, cast("Any", None), cast("Any", _Holds()))


async def generated(given: Prompt, *steps: Chunk | Exception) -> str:
    return "".join([one async for one in generate(new_run(), SteppedModel(steps), given)])


async def keep(pieces: AsyncIterator[str], shown: list[str]) -> None:
    async for piece in pieces:
        shown.append(piece)  # noqa: PERF401  # what came before an error is kept


def said(*pieces: str) -> list[Chunk]:
    return [*map(Chunk, pieces), Chunk("", "stop")]


async def test_a_citation_is_shown_with_file_page_and_link() -> None:
    assert await generated(prompt(), *said("Thirty [do", "c ", "1", "].")) == f"Thirty {CITED}."


async def test_what_was_given_and_what_was_not_is_counted() -> None:
    before = Counter(metrics.citations.values)

    await generated(prompt(), *said("Thirty [doc 1], [doc 4] [doc 5]."))

    grown = Counter(metrics.citations.values) - before
    assert grown == {("given",): 1, ("not_given",): 2}


async def test_halves_of_a_mention_do_not_meet_where_a_mark_is_taken_out() -> None:
    text = await generated(prompt(), *said("hello @every[doc 9]one and <[doc 9]@U2>"))

    assert "@everyone" not in text
    assert "<@U2>" not in text


@pytest.mark.parametrize("name", ["@everyone.pdf", "<!channel>.pdf", "<@U2>.pdf", "@here"])
async def test_the_name_of_a_file_pings_nobody(name: str) -> None:
    text = await generated(prompt(name=name), *said("see [doc 1]"))

    assert not any(ping in text for ping in ("@everyone", "<!channel>", "<@U2>", "@here"))
    assert f"]({LINK})" in text


async def test_an_answer_of_nothing_but_marks_that_were_not_given_is_empty() -> None:
    with pytest.raises(EmptyAnswer):
        await generated(prompt(), *said("[doc 7]"))


async def test_what_is_held_for_a_mark_is_shown_where_the_model_breaks_off() -> None:
    shown, error = list[str](), ModelUnavailable(model="scripted", reason="it is away")
    pieces = generate(new_run(), SteppedModel((Chunk("Thirty [doc 1]"), error)), prompt())

    with pytest.raises(ModelUnavailable):
        await keep(pieces, shown)

    assert "".join(shown) == f"Thirty {CITED}"


async def test_where_it_is_stopped_what_was_said_stays() -> None:
    gate, run, shown = asyncio.Event(), new_run(), list[str]()

    async for piece in generate(run, SteppedModel((Chunk("Thirty [doc 1] days"), gate)), prompt()):
        shown.append(piece)
        run.stop()

    assert "".join(shown) == f"Thirty {CITED} days"


async def test_summaries_keep_their_marks() -> None:
    text = await generated(prompt(purpose="compaction"), *said("- ana: see [doc 1] [3]"))

    assert text == "- ana: see [doc 1] [3]"
