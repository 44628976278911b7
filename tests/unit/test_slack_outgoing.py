"""An answer becomes pages: complete, in order, no fence broken, whenever its text comes."""

import re

from hypothesis import given
from hypothesis import strategies as st

from adapters.slack.command_syntax import add_prefix, split_command
from adapters.slack.outgoing import (
    PAGE,
    STREAMED,
    Page,
    Pages,
    blocks,
    fallback_text,
    metadata,
    read_metadata,
)
from adapters.slack.rate_limits import RateLimit

CODE = "Here:\n```py\n" + "print('a line of code')\n" * 900 + "```\nDone."
PARTS = st.lists(
    st.sampled_from(["word " * 40, "line\n" * 30, "\n\n", "```py\n", "```\n", "Sentence. " * 20]),
    max_size=150,
)


class ThreeReplicas:
    replicas = 3


def letters(text: str) -> str:
    return re.sub(r"[\s`]|py", "", text)


def test_a_short_answer_is_one_page() -> None:
    assert Pages(current="hello").layout(complete=True) == [Page("hello", last=True)]


def test_code_cut_by_a_page_is_closed_and_reopened() -> None:
    pages = Pages(current=CODE).layout(complete=True)

    assert len(pages) == 2
    assert pages[0].text.endswith("\n```")
    assert pages[1].text.startswith("```py\n")
    assert [page.last for page in pages] == [False, True]


def test_an_answer_without_words_has_no_page() -> None:
    assert Pages(current=" \n").layout(complete=True) == []


@given(PARTS, st.integers(0, 2**30))
def test_a_stream_shows_everything_wherever_its_pages_end(parts: list[str], seed: int) -> None:
    pages, shown = Pages(), [""]

    for number, part in enumerate(parts):
        pages.current += part
        while pages.overflows or (shown[-1] and (seed >> number % 30) & 1):
            shown[-1] += pages.finish_page()
            shown.append("")
        ready = pages.unstreamed(complete=False)
        pages.streamed += len(ready)
        shown[-1] += ready
    shown[-1] += pages.unstreamed(complete=True)

    assert letters("".join(shown)) == letters("".join(parts))
    assert all(len(page) <= PAGE + 10 for page in shown)
    assert all(page.count("```") % 2 == 0 for page in shown[:-1])


def test_half_a_fence_is_not_streamed_yet() -> None:
    assert Pages(current="see ``").unstreamed(complete=False) == "see "
    assert Pages(current="see ```pyth").unstreamed(complete=False) == "see "
    assert len(Pages(current="x" * 20_000).unstreamed(complete=False)) == STREAMED


def test_only_the_last_page_can_be_rated() -> None:
    assert [one["type"] for one in blocks(Page("a"), 7, rateable=True)] == ["markdown"]
    last = blocks(Page("a", last=True), 7, rateable=True)
    assert [one["type"] for one in last] == ["markdown", "context_actions"]
    assert len(blocks(Page("a", last=True), 7, rateable=False)) == 1


def test_reads_its_own_metadata_and_no_other() -> None:
    assert read_metadata({"metadata": metadata(7, 2)}) == (7, 2)
    assert read_metadata({"metadata": {"event_type": "other", "event_payload": {}}}) is None
    assert read_metadata({"metadata": {"event_type": "nellie_answer", "event_payload": 7}}) is None
    assert read_metadata({}) is None


def test_the_fallback_text_is_short_and_without_markup() -> None:
    assert fallback_text("<!channel> & <@U1>") == "&lt;!channel&gt; &amp; &lt;@U1&gt;"
    assert len(fallback_text("x" * 10_000)) < 4_000


def test_a_rate_limit_is_kept_and_refilled() -> None:
    now = [0.0]
    limit = RateLimit(per_minute=60, burst=2, clock=lambda: now[0])

    assert [limit.take(), limit.take(), limit.take()] == [True, True, False]
    now[0] = 1.0
    assert limit.take()
    assert not limit.take(reserve=1)


def test_replicas_share_a_rate_limit() -> None:
    now = [0.0]
    limit = RateLimit(per_minute=60, burst=1, clock=lambda: now[0], replicas=ThreeReplicas())
    assert limit.take()

    now[0] = 2.0
    assert not limit.take()
    now[0] = 3.1
    assert limit.take()


def test_commands_are_named_as_they_are_typed_in_slack() -> None:
    assert add_prefix("Try /help or /memory show, not a/help.") == (
        "Try /nellie help or /nellie memory show, not a/help."
    )
    assert split_command("  Memory  search x ") == ("memory", "search x")
    assert split_command("") == ("help", "")
    assert split_command("/ASK\n where\tis it? ") == ("ask", "where\tis it?")
    assert split_command("memory\u00a0forget me") == ("memory", "forget me")
