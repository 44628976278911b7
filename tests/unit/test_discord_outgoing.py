"""An answer on Discord: soon on screen, edited at a pace, in parts, and whole at the end."""

import asyncio
from collections.abc import AsyncIterator
from itertools import pairwise

import pytest
from doubles.discord_surface import FakeSurface

from adapters.discord import outgoing
from adapters.discord.outgoing import LIMIT, Answer, Ending, Gone, layout
from adapters.discord.rate_limits import Pace
from adapters.kit import stream_buffer

PERIOD = 0.05


class Alone:
    """One replica does all the work."""

    replicas = 1


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits that are short, in the same order."""
    monkeypatch.setattr(stream_buffer, "WORTH_WAITING", 0.05)
    monkeypatch.setattr(stream_buffer, "BURST", 0.02)


async def pieces_of(*pieces: str, every: float = 0.0) -> AsyncIterator[str]:
    for piece in pieces:
        yield piece
        await asyncio.sleep(every)


async def show(surface: FakeSurface, text: AsyncIterator[str], *posted: str) -> list[str]:
    answer = Answer(surface, Pace(Alone(), PERIOD), posted)
    await answer.show(text)
    return answer.posts


async def test_an_answer_that_comes_at_once_is_one_post_and_no_edit() -> None:
    surface = FakeSurface()

    posts = await show(surface, pieces_of("Hello", " there."))

    assert [what for what, *_ in surface.calls] == ["post"]
    assert surface.shown == {posts[0]: ("Hello there.", Ending.WHOLE)}


async def test_an_answer_that_takes_long_is_shown_early_and_whole_at_the_end() -> None:
    surface = FakeSurface()

    await show(surface, pieces_of(*(f"word{n} " for n in range(40)), every=0.01))

    assert surface.texts == [" ".join(f"word{n}" for n in range(40))]
    assert len(surface.edits) >= 2
    gaps = [b - a for a, b in pairwise(surface.edits)]
    assert min(gaps) >= PERIOD * 0.99


async def test_a_growing_answer_can_be_stopped_and_a_whole_one_rated() -> None:
    surface, more = FakeSurface(), asyncio.Event()

    async def text() -> AsyncIterator[str]:
        yield "a beginning that is worth to be shown already"
        await more.wait()
        yield " and its end"

    showing = asyncio.create_task(show(surface, text()))
    await surface.posted.wait()
    assert [ending for _, ending in surface.shown.values()] == [Ending.OPEN]
    more.set()
    await showing

    assert [ending for _, ending in surface.shown.values()] == [Ending.WHOLE]


async def test_all_answers_in_a_channel_share_its_pace() -> None:
    surface, pace = FakeSurface(), Pace(Alone(), PERIOD)

    await asyncio.gather(
        *(Answer(surface, pace).show(pieces_of(*["word "] * 20, every=0.01)) for _ in range(4))
    )

    edits = sorted(surface.edits)
    assert len(edits) >= 4
    assert min(b - a for a, b in pairwise(edits)) >= PERIOD * 0.99
    assert surface.texts == [" ".join(["word"] * 20)] * 4


async def test_a_long_answer_comes_in_parts_each_final_before_the_next() -> None:
    surface = FakeSurface()
    lines = [f"{number}: the quick brown fox jumps over the lazy dog" for number in range(130)]

    posts = await show(surface, pieces_of(*(f"{line}\n" for line in lines), every=0.002))

    assert "\n".join(surface.texts).split("\n") == lines
    assert len(posts) >= 4
    assert max(map(len, surface.texts)) <= LIMIT
    endings = [ending for _, ending in surface.shown.values()]
    assert endings == [*[Ending.PART] * (len(posts) - 1), Ending.WHOLE]
    order = [(what, post) for what, post, _ in surface.calls]
    for before, after in pairwise(posts):
        assert ("edit", before) not in order[order.index(("post", after)) :]


async def test_no_part_breaks_a_code_fence() -> None:
    surface = FakeSurface()

    await show(
        surface, pieces_of("```python\n", *(f"print({n})\n" for n in range(600)), "```\nDone.")
    )

    assert all(text.count("```") % 2 == 0 for text in surface.texts)
    assert "".join(surface.texts).count("print(") == 600


async def test_posts_of_an_earlier_attempt_are_replaced_in_place_and_surplus_ones_deleted() -> None:
    surface = FakeSurface()
    for post in ("old1", "old2", "old3"):
        surface.shown[post] = ("half", Ending.OPEN)

    posts = await show(surface, pieces_of("The whole answer."), "old1", "old2", "old3")

    assert posts == ["old1"]
    assert surface.shown == {"old1": ("The whole answer.", Ending.WHOLE)}
    assert [what for what, *_ in surface.calls] == ["edit", "delete", "delete"]


async def test_a_post_of_an_earlier_attempt_that_was_deleted_is_posted_anew() -> None:
    surface = FakeSurface()
    surface.gone = {"old1", "old2"}

    posts = await show(surface, pieces_of("The whole answer."), "old1", "old2")

    assert surface.shown == {posts[0]: ("The whole answer.", Ending.WHOLE)}


async def test_a_post_that_is_deleted_while_the_answer_grows_is_not_posted_again() -> None:
    surface = FakeSurface()

    async def text() -> AsyncIterator[str]:
        yield "a beginning that is worth to be shown already"
        await surface.posted.wait()
        surface.gone = set(surface.shown)
        yield " and its end"

    with pytest.raises(Gone):
        await show(surface, text())

    assert [what for what, *_ in surface.calls] == ["post", "edit"]


async def test_an_error_of_the_text_is_raised() -> None:
    async def text() -> AsyncIterator[str]:
        yield "so far"
        raise ConnectionError("the model is away")

    with pytest.raises(ConnectionError):
        await show(FakeSurface(), text())


async def test_the_text_is_not_read_on_once_showing_it_is_cancelled() -> None:
    closed = asyncio.Event()

    async def text() -> AsyncIterator[str]:
        try:
            while True:
                yield "more "
                await asyncio.sleep(0.001)
        finally:
            closed.set()

    showing = asyncio.create_task(show(FakeSurface(), text()))
    await asyncio.sleep(0.01)
    showing.cancel()
    await asyncio.gather(showing, return_exceptions=True)

    assert closed.is_set()


def test_a_cut_that_may_still_move_is_not_shown_yet() -> None:
    text = "word " * (LIMIT // 5)

    assert len(layout(text + "and", final=False)) == 1
    assert len(layout(text + "and more " * 20, final=False)) == 2
    assert [ending for _, ending in layout(text + "and", final=True)] == [Ending.PART, Ending.WHOLE]


def test_a_text_without_words_takes_no_message() -> None:
    assert layout(" \n ", final=True) == []


async def test_an_asker_who_waits_behind_others_reads_how_many_in_the_answers_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(outgoing, "NOTICE_AFTER", 0.02)
    surface, free = FakeSurface(), asyncio.Event()
    surface.notice_text = "3 before you"

    async def late() -> AsyncIterator[str]:
        await free.wait()
        yield "Here I am."

    showing = asyncio.create_task(show(surface, late()))
    await surface.posted.wait()
    assert surface.texts == ["3 before you"]
    surface.notice_text = "2 before you"
    while surface.texts != ["2 before you"]:  # noqa: ASYNC110  # an edit sets no event
        await asyncio.sleep(0.01)
    free.set()

    posts = await showing
    assert surface.shown == {posts[0]: ("Here I am.", Ending.WHOLE)}


async def test_a_notice_does_not_replace_a_post_of_an_earlier_attempt(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(outgoing, "NOTICE_AFTER", 0.01)
    surface = FakeSurface()
    surface.notice_text = "3 before you"
    surface.shown["old"] = ("half an ans", Ending.OPEN)

    async def late() -> AsyncIterator[str]:
        await asyncio.sleep(0.05)
        yield "The whole."

    await show(surface, late(), "old")

    assert [what for what, *_ in surface.calls] == ["edit"]
