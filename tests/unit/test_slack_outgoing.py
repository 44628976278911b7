"""An answer becomes pages: complete, in order, no fence broken, whatever was shown when."""

import re

from hypothesis import given
from hypothesis import strategies as st

from adapters.slack.limits import Rate
from adapters.slack.outgoing import (
    PAGE,
    STREAMED,
    Page,
    Pages,
    blocks,
    fallback,
    marked,
    metadata,
)
from adapters.slack.typed import as_typed, split

CODE = "Here:\n```py\n" + "print('a line of code')\n" * 900 + "```\nDone."
PARTS = st.lists(
    st.sampled_from(["word " * 40, "line\n" * 30, "\n\n", "```py\n", "```\n", "Sentence. " * 20]),
    max_size=150,
)


def bare(text: str) -> str:
    return re.sub(r"[\s`]|py", "", text)


def test_a_short_answer_is_one_page() -> None:
    assert Pages(open="hello").now(whole=True) == [Page("hello", last=True)]


def test_code_that_is_cut_is_closed_and_reopened() -> None:
    pages = Pages(open=CODE).now(whole=True)

    assert len(pages) == 2
    assert pages[0].text.endswith("\n```")
    assert pages[1].text.startswith("```py\n")
    assert [page.last for page in pages] == [False, True]


def test_an_answer_without_a_word_has_no_page() -> None:
    assert Pages(open=" \n").now(whole=True) == []


@given(PARTS, st.integers(0, 2**30))
def test_a_stream_shows_everything_whenever_its_pages_turn(parts: list[str], seed: int) -> None:
    pages, shown = Pages(), [""]

    for number, part in enumerate(parts):
        pages.open += part
        while pages.full() or (shown[-1] and (seed >> number % 30) & 1):
            shown[-1] += pages.turn()
            shown.append("")
        ready = pages.ready(whole=False)
        pages.shown += len(ready)
        shown[-1] += ready
    shown[-1] += pages.ready(whole=True)

    assert bare("".join(shown)) == bare("".join(parts))
    assert all(len(page) <= PAGE + 10 for page in shown)
    assert all(page.count("```") % 2 == 0 for page in shown[:-1])


def test_half_a_fence_is_held_back() -> None:
    assert Pages(open="see ``").ready(whole=False) == "see "
    assert Pages(open="see ```pyth").ready(whole=False) == "see "
    assert len(Pages(open="x" * 20_000).ready(whole=False)) == STREAMED


def test_only_the_last_page_takes_opinions() -> None:
    assert [one["type"] for one in blocks(Page("a"), 7, opinions=True)] == ["markdown"]
    last = blocks(Page("a", last=True), 7, opinions=True)
    assert [one["type"] for one in last] == ["markdown", "context_actions"]
    assert len(blocks(Page("a", last=True), 7, opinions=False)) == 1


def test_metadata_is_read_again_and_no_other() -> None:
    assert marked({"metadata": metadata(7, 2)}) == (7, 2)
    assert marked({"metadata": {"event_type": "other", "event_payload": {}}}) is None
    assert marked({"metadata": {"event_type": "nellie_answer", "event_payload": 7}}) is None
    assert marked({}) is None


def test_the_fallback_is_short_and_no_markup() -> None:
    assert fallback("<!channel> & <@U1>") == "&lt;!channel&gt; &amp; &lt;@U1&gt;"
    assert len(fallback("x" * 10_000)) < 4_000


def test_a_rate_is_kept_and_refilled() -> None:
    now = [0.0]
    rate = Rate(minute=60, burst=2, clock=lambda: now[0])

    assert [rate.take(), rate.take(), rate.take()] == [True, True, False]
    now[0] = 1.0
    assert rate.take()
    assert not rate.take(reserve=1)


def test_replicas_share_a_rate() -> None:
    now = [0.0]
    rate = Rate(minute=60, burst=1, clock=lambda: now[0], replicas=lambda: 3)
    assert rate.take()

    now[0] = 2.0
    assert not rate.take()
    now[0] = 3.1
    assert rate.take()


def test_commands_are_named_as_they_are_typed_here() -> None:
    assert as_typed("Try /help or /memory show, not a/help.") == (
        "Try /nellie help or /nellie memory show, not a/help."
    )
    assert split("  Memory  search x ") == ("memory", "search x")
    assert split("") == ("help", "")
