"""An answer on Discord: soon on screen, edited at a pace, in parts, and whole at the end."""

import asyncio
from collections.abc import AsyncIterator
from itertools import pairwise

import pytest

from adapters.discord import outgoing
from adapters.discord.outgoing import LIMIT, Answer, Ending, Gone, Pace, layout

PERIOD = 0.05


class Wall:
    """A board that keeps what stands on it, and all that was done to it."""

    def __init__(self) -> None:
        self.stands: dict[str, tuple[str, Ending]] = {}
        self.done: list[tuple[str, str, float]] = []
        self.gone: set[str] = set()
        self.posted = asyncio.Event()
        self.slow = 0.0
        self.waiting = ""

    @property
    def texts(self) -> list[str]:
        return [text for text, _ in self.stands.values()]

    @property
    def edits(self) -> list[float]:
        return [at for what, _, at in self.done if what == "edit"]

    async def post(self, part: int, text: str, ending: Ending) -> str:
        post = f"p{len([what for what, *_ in self.done if what == 'post'])}"
        self._note("post", post)
        self.posted.set()
        self.stands[post] = (text, ending)
        return post

    async def edit(self, post: str, text: str, ending: Ending) -> None:
        self._note("edit", post)
        await asyncio.sleep(self.slow)
        if post in self.gone:
            raise Gone
        self.stands[post] = (text, ending)

    async def delete(self, post: str) -> None:
        self._note("delete", post)
        if post in self.gone:
            raise Gone
        self.stands.pop(post, None)

    def notice(self) -> str:
        return self.waiting

    def _note(self, what: str, post: str) -> None:
        self.done.append((what, post, asyncio.get_running_loop().time()))


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits that are short, in the same order."""
    monkeypatch.setattr(outgoing, "AT_ONCE", 0.02)
    monkeypatch.setattr(outgoing, "EARLY", 0.05)


async def told(*pieces: str, every: float = 0.0) -> AsyncIterator[str]:
    for piece in pieces:
        yield piece
        await asyncio.sleep(every)


async def shown(wall: Wall, text: AsyncIterator[str], *posted: str) -> list[str]:
    answer = Answer(wall, Pace(PERIOD), posted)
    await answer.show(text)
    return answer.posts


async def test_an_answer_that_comes_at_once_is_one_post_and_no_edit() -> None:
    wall = Wall()

    posts = await shown(wall, told("Hello", " there."))

    assert [what for what, *_ in wall.done] == ["post"]
    assert wall.stands == {posts[0]: ("Hello there.", Ending.WHOLE)}


async def test_an_answer_that_takes_long_is_shown_early_and_whole_at_the_end() -> None:
    wall = Wall()

    await shown(wall, told(*(f"word{n} " for n in range(40)), every=0.01))

    assert wall.texts == [" ".join(f"word{n}" for n in range(40))]
    assert len(wall.edits) >= 2
    gaps = [b - a for a, b in pairwise(wall.edits)]
    assert min(gaps) >= PERIOD * 0.99


async def test_while_it_grows_it_can_be_stopped_and_then_rated() -> None:
    wall, more = Wall(), asyncio.Event()

    async def text() -> AsyncIterator[str]:
        yield "a beginning that is worth to be shown already"
        await more.wait()
        yield " and its end"

    showing = asyncio.create_task(shown(wall, text()))
    await wall.posted.wait()
    assert [ending for _, ending in wall.stands.values()] == [Ending.OPEN]
    more.set()
    await showing

    assert [ending for _, ending in wall.stands.values()] == [Ending.WHOLE]


async def test_all_answers_in_a_channel_share_its_pace() -> None:
    wall, pace = Wall(), Pace(PERIOD)

    await asyncio.gather(
        *(Answer(wall, pace).show(told(*["word "] * 20, every=0.01)) for _ in range(4))
    )

    edits = sorted(wall.edits)
    assert len(edits) >= 4
    assert min(b - a for a, b in pairwise(edits)) >= PERIOD * 0.99
    assert wall.texts == [" ".join(["word"] * 20)] * 4


async def test_replicas_share_the_pace_of_a_channel() -> None:
    pace, clock = Pace(PERIOD, sharing=lambda: 3), asyncio.get_running_loop()

    async def quick() -> None:
        return

    await pace.edit(quick)
    began = clock.time()
    await pace.edit(quick)

    assert clock.time() - began >= PERIOD * 3 * 0.99


async def test_the_pace_slows_with_discord_and_recovers() -> None:
    pace, clock = Pace(PERIOD), asyncio.get_running_loop()

    async def slow() -> None:
        await asyncio.sleep(outgoing.SLUGGISH + 0.01)

    async def quick() -> None:
        return

    await pace.edit(slow)
    assert pace.period == PERIOD * 2
    await pace.edit(quick)
    assert pace.period == pytest.approx(PERIOD * 1.6)
    began = clock.time()
    for _ in range(3):
        await pace.edit(quick)
    assert clock.time() - began >= PERIOD
    assert pace.period == PERIOD


async def test_a_long_answer_comes_in_parts_each_final_before_the_next() -> None:
    wall = Wall()
    lines = [f"{number}: the quick brown fox jumps over the lazy dog" for number in range(130)]

    posts = await shown(wall, told(*(f"{line}\n" for line in lines), every=0.002))

    assert "\n".join(wall.texts).split("\n") == lines
    assert len(posts) >= 4
    assert max(map(len, wall.texts)) <= LIMIT
    endings = [ending for _, ending in wall.stands.values()]
    assert endings == [*[Ending.PART] * (len(posts) - 1), Ending.WHOLE]
    order = [(what, post) for what, post, _ in wall.done]
    for before, after in pairwise(posts):
        assert ("edit", before) not in order[order.index(("post", after)) :]


async def test_no_part_breaks_a_fence() -> None:
    wall = Wall()

    await shown(wall, told("```python\n", *(f"print({n})\n" for n in range(600)), "```\nDone."))

    assert all(text.count("```") % 2 == 0 for text in wall.texts)
    assert "".join(wall.texts).count("print(") == 600


async def test_what_is_posted_is_replaced_in_place_and_the_surplus_deleted() -> None:
    wall = Wall()
    for post in ("old1", "old2", "old3"):
        wall.stands[post] = ("half", Ending.OPEN)

    posts = await shown(wall, told("The whole answer."), "old1", "old2", "old3")

    assert posts == ["old1"]
    assert wall.stands == {"old1": ("The whole answer.", Ending.WHOLE)}
    assert [what for what, *_ in wall.done] == ["edit", "delete", "delete"]


async def test_what_was_deleted_since_is_posted_anew() -> None:
    wall = Wall()
    wall.gone = {"old1", "old2"}

    posts = await shown(wall, told("The whole answer."), "old1", "old2")

    assert wall.stands == {posts[0]: ("The whole answer.", Ending.WHOLE)}


async def test_what_is_deleted_while_it_grows_is_not_wanted_back() -> None:
    wall = Wall()

    async def text() -> AsyncIterator[str]:
        yield "a beginning that is worth to be shown already"
        await wall.posted.wait()
        wall.gone = set(wall.stands)
        yield " and its end"

    with pytest.raises(Gone):
        await shown(wall, text())

    assert [what for what, *_ in wall.done] == ["post", "edit"]


async def test_a_text_that_breaks_off_is_not_kept_to_itself() -> None:
    async def text() -> AsyncIterator[str]:
        yield "so far"
        raise ConnectionError("the model is away")

    with pytest.raises(ConnectionError):
        await shown(Wall(), text())


async def test_no_more_text_is_read_once_nobody_shows_it() -> None:
    closed = asyncio.Event()

    async def text() -> AsyncIterator[str]:
        try:
            while True:
                yield "more "
                await asyncio.sleep(0.001)
        finally:
            closed.set()

    showing = asyncio.create_task(shown(Wall(), text()))
    await asyncio.sleep(0.01)
    showing.cancel()
    await asyncio.gather(showing, return_exceptions=True)

    assert closed.is_set()


def test_a_cut_that_may_still_move_is_not_made_yet() -> None:
    text = "word " * (LIMIT // 5)

    assert len(layout(text + "and", final=False)) == 1
    assert len(layout(text + "and more " * 20, final=False)) == 2
    assert [ending for _, ending in layout(text + "and", final=True)] == [Ending.PART, Ending.WHOLE]


def test_nothing_is_laid_out_of_nothing() -> None:
    assert layout(" \n ", final=True) == []


async def test_who_waits_behind_others_is_told_in_the_answers_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(outgoing, "PATIENT", 0.02)
    wall, free = Wall(), asyncio.Event()
    wall.waiting = "3 before you"

    async def late() -> AsyncIterator[str]:
        await free.wait()
        yield "Here I am."

    showing = asyncio.create_task(shown(wall, late()))
    await wall.posted.wait()
    assert wall.texts == ["3 before you"]
    wall.waiting = "2 before you"
    while wall.texts != ["2 before you"]:  # noqa: ASYNC110  # an edit tells nobody
        await asyncio.sleep(0.01)
    free.set()

    posts = await showing
    assert wall.stands == {posts[0]: ("Here I am.", Ending.WHOLE)}


async def test_an_answer_that_is_made_again_is_not_replaced_by_a_notice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(outgoing, "PATIENT", 0.01)
    wall = Wall()
    wall.waiting = "3 before you"
    wall.stands["old"] = ("half an ans", Ending.OPEN)

    async def late() -> AsyncIterator[str]:
        await asyncio.sleep(0.05)
        yield "The whole."

    await shown(wall, late(), "old")

    assert [what for what, *_ in wall.done] == ["edit"]
