"""The model that needs no model: quotes, and summaries made of what was said."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from doubles.found_passages import found_passage
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.model import Author, Channel, Chunk, Message, Prompt, Purpose
from bot.language.terms import extract_terms
from bot.llm.extractive import Extractive, quotes
from bot.llm.extractive.passages import best_passage
from bot.llm.extractive.sentences import split_sentences
from bot.llm.extractive.summaries import CHOSEN, Candidate, choose_lines
from bot.text.tokens import estimate

CHANNEL = Channel("irc", "freenode", "ubuntu")
MORNING = datetime(2005, 6, 27, 9, 20, tzinfo=UTC)
LINE = re.compile(r"- .+ \[\d+(?:, \d+)*\]")

TALK = (
    ("vinux", "I need to download all packages and burn them for a friend with a slow modem"),
    ("djs", "hi all"),
    ("JHBuddy", "theoretically the packages should sit somewhere on the disk"),
    ("djs", "vinux: Why not just send him a Hoary CD?"),
    ("topyli", "vinux: /var/cache/apt/archives"),
    ("vinux", "thanks :)"),
    ("zalim", "hello, good day everyone"),
    ("JHBuddy", "We decided: 8 CDs for the packages, sent on 2005-07-01. See you!"),
)


def message(author: str, text: str, seq: int, link: str = "") -> Message:
    at = MORNING + timedelta(minutes=seq)
    person = Author(author, author, nellie=author == "Nellie")
    return Message(CHANNEL, f"m{seq}", person, text, at, link=link, seq=seq)


def talk() -> tuple[Message, ...]:
    return tuple(message(author, text, seq) for seq, (author, text) in enumerate(TALK, start=1))


def question_prompt(question: str, *recalled: Message, failed: str = "") -> Prompt:
    trigger = message("ann", question, 99)
    return Prompt("answer", (), 300, trigger=trigger, recalled=recalled, failed=failed)


def summary(purpose: Purpose, source: tuple[Message, ...], tokens: int = 300) -> Prompt:
    return Prompt(purpose, (), tokens, source=source)


async def chunks(prompt: Prompt) -> list[Chunk]:
    return [chunk async for chunk in Extractive().stream(prompt)]


async def read_lines(prompt: Prompt) -> list[str]:
    return "".join([chunk.text for chunk in await chunks(prompt)]).splitlines()


async def test_streams_line_by_line_and_costs_nothing() -> None:
    *pieces, last = await chunks(question_prompt("apt archives?", *talk()[:2]))

    assert len(pieces) == 3
    assert all(piece.text and not piece.finish for piece in pieces)
    assert last.finish == "stop"
    assert last.usage
    assert (last.usage.model, last.usage.input, last.usage.output) == ("extractive", 0, 0)
    assert not last.usage.estimated


async def test_needs_no_context_window() -> None:
    assert await Extractive("", None).context_window() is None


async def test_quotes_what_was_said_with_author_and_time() -> None:
    lines = await read_lines(question_prompt("where does apt keep packages?", talk()[4]))

    assert lines == [
        quotes.QUOTING,
        "> topyli, 2005-06-27 09:25: vinux: /var/cache/apt/archives",
    ]


async def test_quotes_the_three_best_on_one_line_each() -> None:
    recalled = [message("bob", f"first line {seq}\n\nsecond", seq) for seq in range(1, 6)]

    lines = await read_lines(question_prompt("lines", *recalled))

    assert lines[1:] == [
        f"> bob, 2005-06-27 09:2{seq}: first line {seq} second" for seq in (1, 2, 3)
    ]


@pytest.mark.parametrize(
    ("said", "quoted"),
    [
        ("run\n```py\nx = 1\ny = 2\n```\nthen", "run `x = 1 y = 2` then"),
        ("it began: ```\nand nobody closed it", "it began: `and nobody closed it`"),
        ("~~~sh\necho a\n~~~", "`echo a`"),
        ("````md\n```py\nx\n```\n````\nso", "`'''py x '''` so"),
        ("```\nls\n```then\nmore", "`ls`then more"),
        ("the ` key", "the ` key`"),
        ("``a`b`` and `c`", "`a`b` and `c"),
        ("```\n" + "word " * 90, "`" + "word " * 59 + "wor`…"),
    ],
)
async def test_code_that_is_quoted_ends_with_its_quote(said: str, quoted: str) -> None:
    first, second = message("bob", said, 1), message("ana", "said in words", 2)

    lines = await read_lines(question_prompt("x", first, second))

    assert all(line.count("`") % 2 == 0 for line in lines)
    assert not any("``" in line or "~~~" in line for line in lines)
    assert lines[1].endswith(f": {quoted}")


@pytest.mark.parametrize(
    ("question", "fact"),
    [
        ("when is the backup disk replaced?", "The backup disk is replaced on 4 March by Marta."),
        ("which port does the proxy use?", "By the way, the proxy uses port 8443 since the move."),
        ("wann kommt der Drucker?", "Der neue Drucker kommt am Dienstag, sagt Ben."),
        ("備份硬碟在哪裡", "備份硬碟放在四樓的櫃子裡。"),
    ],
)
@pytest.mark.parametrize("place", [0, 10, 20])
async def test_quotes_the_part_of_a_long_message_that_matches(
    question: str, fact: str, place: int
) -> None:
    sentences = ["This week we had many visitors from all over the town."] * 20
    sentences.insert(place, fact)

    lines = await read_lines(question_prompt(question, message("bob", " ".join(sentences), 1)))

    assert fact in lines[1]
    assert len(lines[1]) < 340
    assert lines[1].endswith("…") == (place < 20)
    assert (": … " in lines[1]) == (place > 0)


def test_a_passage_is_cut_at_words_and_leaves_no_code_open() -> None:
    words = " ".join(f"word{number}" for number in range(200))

    passage = best_passage(f"{words} run `make disk` {words}", {"disk"}, 300)

    assert "`make disk`" in passage
    assert len(passage) <= 300
    assert all(re.fullmatch(r"word\d+|run|`make|disk`", one) for one in passage.split()[1:-1])


@given(
    st.text(max_size=3_000),
    st.sets(st.sampled_from(["disk", "a", "漢", "x"])),
    st.integers(20, 400),
)
def test_a_passage_of_any_text_fits_and_is_of_that_text(
    text: str, wanted: set[str], longest: int
) -> None:
    passage = best_passage(text, wanted, longest)

    assert len(passage) <= longest + 1
    assert passage.count("`") % 2 == 0


@pytest.mark.parametrize(
    "asked",
    [
        "Where is the disk?",
        "where is the disk",
        "@Nellie tell me where the disk is",
        "Hi! Who has the disk? And since when?",
        "Wo ist die disk",
        "summarize disk.pdf",
    ],
)
async def test_never_quotes_the_askers_own_earlier_question(asked: str) -> None:
    prompt = question_prompt("where's the disk now?", message("ann", asked, 3))

    assert await read_lines(prompt) == [quotes.NOTHING]


@pytest.mark.parametrize(
    "said",
    ["The disk is with Marta.", "Is the disk full? Then I order one.", "I know where the disk is."],
)
async def test_quotes_what_the_asker_has_said_before(said: str) -> None:
    lines = await read_lines(question_prompt("where's the disk now?", message("ann", said, 3)))

    assert lines[1].endswith(said)


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("Guten Morgen!", quotes.SMALL_TALK["greeting"]),
        ("merci beaucoup", quotes.SMALL_TALK["thanks"]),
        ("how are you?", quotes.SMALL_TALK["how"]),
        ("ok", quotes.ALL_RIGHT),
    ],
)
async def test_small_talk_gets_a_fitting_word(said: str, answer: str) -> None:
    assert await read_lines(question_prompt(said, message("bob", said, 3))) in (
        [answer],
        [quotes.QUOTING, f"> bob, 2005-06-27 09:23: {said}"],
    )
    assert await read_lines(question_prompt(said)) == [answer]


async def test_in_a_fallback_it_says_which_model_failed() -> None:
    failed = "The model openai/m took too long."

    found = await read_lines(question_prompt("disk?", message("bob", "a disk", 1), failed=failed))
    nothing = await read_lines(question_prompt("disk?", failed=failed))

    assert found[0] == "The model openai/m took too long. So I quote what was said:"
    assert nothing[0].startswith("The model openai/m took too long. Meanwhile I can only quote")


async def test_adds_the_link_of_a_quote() -> None:
    lines = await read_lines(
        question_prompt("x", message("bob", "the answer", 1, link="https://chat.test/1"))
    )

    assert lines[1].endswith("the answer https://chat.test/1")


async def test_quotes_a_passage_of_a_document_behind_its_mark() -> None:
    notice = found_passage("Either side may end this. The notice is thirty days. Signed in Rome.")
    prompt = replace(question_prompt("how long is the notice?"), passages=(notice,))

    assert await read_lines(prompt) == [quotes.QUOTING, f"> [doc 1]: {notice.passage.text}"]


async def test_what_holds_more_of_the_question_is_quoted_first() -> None:
    said = message("bob", "the notice was discussed", 1)
    asked = "how many days of notice does the contract have?"
    weak, strong = found_passage("apples"), found_passage("notice of the contract: thirty days")
    prompt = replace(question_prompt(asked, said), passages=(weak, strong))

    lines = await read_lines(prompt)

    assert [line.partition(":")[0] for line in lines[1:]] == ["> [doc 2]", "> bob, 2005-06-27 09"]


async def test_passages_without_a_word_of_the_question_are_left_out_beside_messages() -> None:
    said = message("bob", "the notice is thirty days", 1)
    prompt = replace(question_prompt("notice?", said), passages=(found_passage("apples"),))

    assert "doc 1" not in "\n".join(await read_lines(prompt))


async def test_nothing_that_is_quoted_is_a_mark() -> None:
    said = message("bob", "as [doc 1] says, the notice is long", 1)
    written = found_passage("see [doc 2] about the notice")
    prompt = replace(question_prompt("how long is the notice?", said), passages=(written,))

    text = "\n".join(await read_lines(prompt))

    assert text.count("[doc ") == 1
    assert "> [doc 1]: see [\u200bdoc 2]" in text


async def test_clips_a_long_quote() -> None:
    lines = await read_lines(question_prompt("x", message("bob", "word " * 500, 1)))

    assert len(lines[1]) < 340
    assert lines[1].endswith("…")


async def test_never_quotes_the_question_or_herself_or_the_same_twice() -> None:
    question = "Where is the disk?"
    recalled = (
        message("ann", question, 99),
        message("bob", "@nellie  where is\nthe DISK?", 3),
        message("Nellie", "The disk is in the drawer.", 4),
        message("cyd", "The disk is in the drawer.", 5),
        message("dan", "the disk is in  the drawer.", 6),
    )

    lines = await read_lines(question_prompt(question, *recalled))

    assert lines[1:] == ["> cyd, 2005-06-27 09:25: The disk is in the drawer."]


async def test_prefers_an_answer_to_a_question_of_about_the_same_rank() -> None:
    texts = ("which disk?", "disk one", "disk two", "disk three")
    recalled = [message("bob", text, seq) for seq, text in enumerate(texts, start=1)]

    lines = await read_lines(question_prompt("what about the disk", *recalled))

    assert [line.split(": ")[1] for line in lines[1:]] == ["disk one", "disk two", "which disk?"]


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("where is the disk?", quotes.NOTHING),
        ("the disk is in the cupboard", quotes.NEW),
        ("hi @nellie!", quotes.GREETING),
        ("", quotes.GREETING),
    ],
)
async def test_is_honest_and_friendly_when_nothing_is_remembered(
    question: str, answer: str
) -> None:
    assert await read_lines(question_prompt(question)) == [answer]


async def test_a_compaction_keeps_what_matters_with_its_sources_in_order() -> None:
    lines = await read_lines(summary("compaction", talk()))

    assert "- topyli: vinux: /var/cache/apt/archives [5]" in lines
    assert "- JHBuddy: We decided: 8 CDs for the packages, sent on 2005-07-01. [8]" in lines
    assert not re.search("hi all|thanks|hello", "\n".join(lines))
    assert sources(lines) == sorted(sources(lines))


async def test_a_compaction_is_shorter_than_what_was_said() -> None:
    lines = await read_lines(summary("compaction", talk(), 4_000))

    assert len(lines) < len(TALK)


@pytest.mark.parametrize("text", ["hi", ":)", "what?", "漢", "x" * 5_000])
async def test_a_compaction_of_any_text_has_a_line(text: str) -> None:
    lines = await read_lines(summary("compaction", (message("bob", text, 7),), 64))

    assert len(lines) == 1
    assert sources(lines) == [7]


async def test_a_catchup_on_a_short_channel_is_whole() -> None:
    *_, last = await chunks(summary("catchup", talk()))
    lines = await read_lines(summary("catchup", talk()))

    assert set(sources(lines)) == {1, 2, 3, 4, 5, 6, 7, 8}
    assert last.note == CHOSEN


async def test_a_catchup_on_a_long_one_says_how_much_it_leaves_out() -> None:
    source = tuple(
        message("bob", f"the disk number {n} is full and is replaced", n) for n in range(90)
    )

    *_, last = await chunks(summary("catchup", source, 100))
    lines = await read_lines(summary("catchup", source, 100))

    assert last.note == f"{CHOSEN} {90 - len(lines)} of 90 messages are left out here."
    assert estimate("\n".join(lines)) <= 200


async def test_what_is_asked_about_from_a_menu_is_summed_up() -> None:
    prompt = question_prompt("Summarize this thread in a few lines.", *talk()[3:5])
    about = Message(
        CHANNEL, "q", Author("ann", "ann"), "Summarize this thread.", MORNING, reply_to="m4"
    )

    lines = await read_lines(replace(prompt, trigger=about))

    assert lines == [
        "- djs: vinux: Why not just send him a Hoary CD?",
        "- topyli: vinux: /var/cache/apt/archives",
    ]


async def test_a_compaction_of_nothing_is_empty() -> None:
    assert await read_lines(summary("compaction", (message("bob", " \n", 7),))) == []


async def test_a_text_cannot_add_sources_to_its_line() -> None:
    lines = await read_lines(summary("compaction", (message("bob", "I said so [1, 2]", 7),)))

    assert lines == ["- bob: I said so [1, 2]. [7]"]


async def test_the_same_source_gives_the_same_summary() -> None:
    assert await chunks(summary("compaction", talk())) == await chunks(
        summary("compaction", talk())
    )


MESSAGES = st.lists(
    st.tuples(st.sampled_from(["bob", "a\nb", "] [3", "漢" * 90, "Nellie"]), st.text(max_size=400)),
    max_size=12,
).map(lambda talk: tuple(message(who, text, n) for n, (who, text) in enumerate(talk, 1)))


@given(MESSAGES, st.integers(64, 200))
async def test_any_summary_keeps_its_form_its_budget_and_its_words(
    source: tuple[Message, ...], tokens: int
) -> None:
    lines = await read_lines(summary("compaction", source, tokens))

    assert all(LINE.fullmatch(line) for line in lines)
    assert set(sources(lines)) <= {message.seq for message in source}
    assert estimate("\n".join(lines)) <= tokens
    assert bool(lines) == any(message.text.strip() for message in source)


def test_chooses_what_the_lines_are_about() -> None:
    lines = ("the disk is full", "the disk is being replaced", "lunch", "disk and full backup")

    assert choose_lines([candidate(line) for line in lines], 6) == ["disk and full backup"]


def test_chooses_no_second_line_that_says_the_same() -> None:
    lines = ("the disk is full", "the disk is full", "backup runs tonight")

    assert choose_lines([candidate(line) for line in lines], 10) == [lines[0], lines[2]]


def test_a_weight_moves_the_choice() -> None:
    candidates = [candidate("the disk is full"), candidate("the backup is done", weight=3)]

    assert choose_lines(candidates, 6) == ["the backup is done"]


def test_leaves_out_what_is_far_below_the_best() -> None:
    candidates = [candidate("the disk is full"), candidate("lunch", weight=0.1)]

    assert choose_lines(candidates, 1_000) == ["the disk is full"]


def test_keeps_the_order_of_the_lines() -> None:
    lines = [f"line about topic{number} and disk" for number in range(9)]

    assert choose_lines([candidate(line) for line in lines], 1_000) == lines


@pytest.mark.parametrize("budget", [0, 1])
def test_chooses_one_line_even_if_none_fits(budget: int) -> None:
    assert len(choose_lines([candidate("one disk"), candidate("two disks")], budget)) == 1


def test_chooses_nothing_from_nothing() -> None:
    assert choose_lines([], 100) == []


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("Treffen am 10. Januar um 15 Uhr, Anträge bis 20. Dezember", 1),
        ("Wir tagen am 12. März. Danach ist Pause.", 2),
        ("Der 11. übliche Termin entfällt. Schade.", 2),
        ("Der Umzug ist am 23. Oktober\nBitte kommt", 2),
        ("Es sind jetzt 35. Mehr passen nicht hinein.", 2),
    ],
)
def test_the_full_stop_of_an_ordinal_ends_no_sentence(text: str, sentences: int) -> None:
    assert len(split_sentences(text)) == sentences


def candidate(line: str, weight: float = 1.0) -> Candidate:
    return Candidate(line, list(extract_terms(line)), weight)


def sources(lines: list[str]) -> list[int]:
    """The first number of each line's sources."""
    return [int(line.rsplit("[", 1)[1].split(",")[0].rstrip("]")) for line in lines]


@pytest.mark.parametrize("statement", ["the disk is red", "We meet at noon.", "Tea is in the shed"])
async def test_where_nothing_is_kept_she_promises_no_quote(statement: str) -> None:
    prompt = question_prompt(statement)
    assert prompt.trigger
    asked_in_private = replace(prompt, trigger=replace(prompt.trigger, private=True))

    assert await read_lines(prompt) == [quotes.NEW]
    assert await read_lines(asked_in_private) == [quotes.NEW_AND_NOT_KEPT]
    assert "Ask me about it later" not in quotes.NEW_AND_NOT_KEPT
