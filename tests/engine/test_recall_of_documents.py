"""What is sent of documents: the passages that match, beside messages, within one room."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from doubles.library import pages, shelve
from doubles.start_nellie import Start

from bot.domain.model import Message
from bot.memory.choosing import Room
from bot.memory.passage_ranking import passage_cost
from bot.memory.recollection import Recollection
from bot.prompting.excerpt import format_excerpt
from bot.testing import ANA, BOB, GENERAL, RunningNellie, new_message
from bot.text.tokens import estimate

CONTRACT = pages(
    "The parties of this contract are Harbour Supplies and the rowing club.",
    "The rent of the boat house is due on the first of each month.",
    "Either party may end the contract with a notice of thirty days before the end of a quarter.",
)
FILLER = "It goes on about deliveries, packaging and pallets in the usual words. " * 16
TALK = [f"the printer on floor {number} is broken again" for number in range(12)]


async def _read(
    nellie: RunningNellie, question: Message | str, *, tokens: int = 1_200, **more: Any
) -> Recollection:
    """What is found for a question that was just asked."""
    asked = new_message(ANA, question, **more) if isinstance(question, str) else question
    state = await nellie.channel_state()
    return await nellie.parts.gathering.material.recollecting.read(
        state.id,
        replace(asked, seq=asked.seq or state.seq + 1),
        Room(tokens=tokens, before=state.seq + 1, window=(), shown=2_000),
        has_documents=state.has_documents,
    )


def _places(found: Recollection) -> list[tuple[str, int]]:
    return [(one.name, one.passage.number) for one in found.passages]


async def _with_contract(start_nellie: Start, talk: Sequence[str] = TALK) -> RunningNellie:
    nellie = await start_nellie()
    await nellie.add_history(*talk)
    await shelve(nellie.database, await nellie.channel_id(), "contract.pdf", CONTRACT, seq=1)
    return nellie


async def test_the_passage_that_answers_is_sent_first(start_nellie: Start) -> None:
    nellie = await _with_contract(start_nellie)

    found = await _read(nellie, "how many days of notice does either party have?")

    assert _places(found)[0] == ("contract.pdf", 3)


async def test_where_no_document_matches_messages_get_what_they_always_get(
    start_nellie: Start,
) -> None:
    nellie = await start_nellie()
    await nellie.add_history(*TALK)
    question = new_message(BOB, "which printer is broken?")
    before = await _read(nellie, question)
    await shelve(nellie.database, await nellie.channel_id(), "contract.pdf", CONTRACT, seq=1)

    assert (await nellie.channel_state()).has_documents
    assert before.messages
    assert await _read(nellie, question) == before


async def test_both_sides_have_room_where_both_match(start_nellie: Start) -> None:
    talk = [f"the notice about the rent of the boat house hangs on door {n}" for n in range(60)]
    nellie = await _with_contract(start_nellie, talk)
    more = pages(*(f"Rent of the boat house, part {n}: {FILLER}" for n in range(9)))
    await shelve(nellie.database, await nellie.channel_id(), "annex.pdf", more)

    found = await _read(nellie, "what about the rent of the boat house?")

    of_messages = estimate("\n".join(format_excerpt(found.messages, 1_200)))
    of_passages = sum(map(passage_cost, found.passages))
    assert of_messages > 300
    assert of_passages > 300
    assert of_messages + of_passages <= 1_200


async def test_where_only_documents_match_they_may_take_all(start_nellie: Start) -> None:
    nellie = await _with_contract(start_nellie)
    more = pages(*(f"Zeppelin mooring, part {n}: {FILLER}" for n in range(9)))
    await shelve(nellie.database, await nellie.channel_id(), "annex.pdf", more)

    found = await _read(nellie, "what do we know about the zeppelin mooring?")

    assert sum(map(passage_cost, found.passages)) > 700


async def test_the_file_that_is_named_goes_before_others(start_nellie: Start) -> None:
    nellie = await _with_contract(start_nellie)
    other = pages("Notice, notice, notice: of thirty days, of thirty parties.")
    await shelve(nellie.database, await nellie.channel_id(), "rumours.txt", other, kind="text")

    for question in (
        "what does contract.pdf say about notice?",
        "what is said of notice in the PDF?",
    ):
        found = await _read(nellie, question)

        assert found.passages, question
        assert _places(found)[0] == ("contract.pdf", 3)


async def test_a_file_is_told_by_who_posted_it_and_when(start_nellie: Start) -> None:
    nellie = await start_nellie()
    channel = await nellie.channel_id()
    then = datetime.now(UTC) - timedelta(days=2)
    for name, author, at in (
        ("a.pdf", "ana", then - timedelta(days=300)),
        ("b.pdf", "bob", then),
        ("c.pdf", "carl", then),
    ):
        text = pages(f"The rent is {len(name)} of {name}.")
        await shelve(nellie.database, channel, name, text, author=author, at=at)

    assert _places(await _read(nellie, "what is the rent in the PDF that Bob posted?"))[0] == (
        "b.pdf",
        1,
    )
    month = f"{then - timedelta(days=300):%B %Y}"
    assert _places(await _read(nellie, f"what is the rent in the file from {month}?"))[0] == (
        "a.pdf",
        1,
    )


async def test_a_file_that_came_with_the_question_is_read_whole_and_in_order(
    start_nellie: Start,
) -> None:
    nellie = await _with_contract(start_nellie)
    channel = await nellie.channel_id()
    report = pages("First, tea.", "Second, milk.", "Third, honey.")
    await nellie.say(ANA, "have a look", id="own")
    await shelve(nellie.database, channel, "report.pdf", report, seq=len(TALK) + 1)
    own = new_message(ANA, "please have a look, how is it?")

    found = await _read(nellie, replace(own, seq=len(TALK) + 1))
    replying = await _read(nellie, "is there a notice of thirty days in it?", reply_to="own")

    assert _places(found)[:3] == [("report.pdf", 1), ("report.pdf", 2), ("report.pdf", 3)]
    assert _places(replying)[:3] == [("report.pdf", 1), ("report.pdf", 2), ("report.pdf", 3)]


async def test_thanks_in_the_thread_of_a_file_send_nothing_of_it(start_nellie: Start) -> None:
    nellie = await start_nellie()
    await nellie.say(ANA, "see this", id="root", thread="root")
    await shelve(nellie.database, await nellie.channel_id(), "contract.pdf", CONTRACT, seq=1)

    assert not (await _read(nellie, "thanks!", thread="root")).passages
    asked = await _read(nellie, "when is it due?", thread="root")
    assert [one.passage.number for one in asked.passages] == [1, 2, 3]


async def test_the_same_content_is_sent_once(start_nellie: Start) -> None:
    nellie = await _with_contract(start_nellie)
    again = [*CONTRACT[:2], replace(CONTRACT[2], text=f"{CONTRACT[2].text}\n")]
    await shelve(nellie.database, await nellie.channel_id(), "contract v2.pdf", again)

    found = await _read(nellie, "how many days of notice does either party have?")

    assert _places(found).count(("contract v2.pdf", 3)) == 1
    assert ("contract.pdf", 3) not in _places(found)


async def test_of_a_passage_that_is_too_long_a_part_is_sent(start_nellie: Start) -> None:
    nellie = await start_nellie()
    text = pages("The zeppelin is moored in the harbour. " * 60)
    await shelve(nellie.database, await nellie.channel_id(), "log.pdf", text)

    found = await _read(nellie, "where is the zeppelin moored?", tokens=300)

    (one,) = found.passages
    assert passage_cost(one) <= 300
    assert one.passage.text.startswith("The zeppelin is moored")


async def test_what_is_forgotten_is_sent_no_more(start_nellie: Start) -> None:
    nellie = await _with_contract(start_nellie)
    question = "how many days of notice does either party have?"
    assert (await _read(nellie, question)).passages

    await nellie.parts.stores.message_edits.forget(await nellie.channel_id(), [1])

    assert not (await _read(nellie, question)).passages
    assert not (await nellie.channel_state()).has_documents


async def test_other_channels_are_not_looked_into(start_nellie: Start) -> None:
    nellie = await start_nellie()
    other = await nellie.channel_id(replace(GENERAL, id="C2"))
    await shelve(nellie.database, other, "contract.pdf", CONTRACT)
    await shelve(nellie.database, await nellie.channel_id(), "tea.pdf", pages("tea and milk"))

    found = await _read(nellie, "what does contract.pdf say about a notice of thirty days?")

    assert not found.passages
