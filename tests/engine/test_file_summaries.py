"""A file is summed up: all of it is read in order, in rounds where it is long, each point cited."""

import asyncio
import threading
from collections.abc import AsyncIterator
from typing import Any

import pytest
from doubles.read_documents import claim_file, document_of, read_file, store_document
from doubles.start_nellie import CANARY, Start

from bot.domain.documents import PostedFile
from bot.domain.model import Prompt, Turn
from bot.domain.ports import DeliveryLog
from bot.llm.extractive import Extractive
from bot.llm.extractive import model as extractive_model
from bot.memory import document_summaries
from bot.testing import ANA, BOB, GENERAL, FakePlatform, RunningNellie, ScriptedModel, Steps, says

CONTRACT = PostedFile(id="F1", name="contract.pdf", media_type="application/pdf", size=3)
LINK = "https://fake.example/m/f1"
HEAD = f"[contract.pdf]({LINK}) (PDF, 2 pages):"
PAGES = ("The parties are two companies.", "Notice of the contract is thirty days.")


async def post(nellie: RunningNellie, *texts: str) -> None:
    await nellie.say(BOB, "[file: contract.pdf]", id="f1", link=LINK, files=(CONTRACT,))
    await read_file(nellie.parts.stores, document_of(*(texts or PAGES)))


def summed_up(*scripts: object) -> ScriptedModel:
    model = ScriptedModel(says("an answer"))
    if scripts:
        model.follow("document", *scripts)  # type: ignore[arg-type]  # scripts
    return model


async def test_a_short_file_is_summed_up_in_one_round_with_a_page_for_each_point(
    start_nellie: Start,
) -> None:
    nellie = await start_nellie(model=summed_up())
    await post(nellie)

    shown = await nellie.ask(ANA, "summarize this file")

    assert shown == (
        f"{HEAD}\n- The parties are two companies. [p. 1]({LINK})"
        f"\n- Notice of the contract is thirty days. [p. 2]({LINK})"
    )
    [prompt] = nellie.model.prompts
    told = prompt.messages[-1].text
    assert "[doc 1] p. 1: The parties" in told
    assert told.endswith("The request: summarize this file")
    assert (await nellie.texts())[-1] == shown


async def test_a_long_file_is_read_to_its_end_in_order_with_its_progress(
    start_nellie: Start,
) -> None:
    seen = list[str]()

    class Watched(FakePlatform):
        async def deliver(
            self, turn: Turn, text: AsyncIterator[str], delivery_log: DeliveryLog
        ) -> None:
            log.append(delivery_log)
            await super().deliver(turn, text, delivery_log)

    def script(prompt: Prompt) -> Steps:
        seen.append(log[0].status)
        numbers = [one.passage.number for one in prompt.passages]
        return says(f"- It begins [doc {numbers[0]}]\n- It ends [doc {numbers[-1]}]")(prompt)

    log = list[DeliveryLog]()
    nellie = await start_nellie(platform=Watched(), model=summed_up(script))
    await post(nellie, *(f"Part {number} says " + "word " * 300 for number in range(1, 61)))

    shown = await nellie.ask(ANA, "summarize contract.pdf")

    *parts, joined = nellie.model.prompts
    read = [one.passage.number for prompt in parts for one in prompt.passages]
    assert read == list(range(1, 61))
    assert len(parts) > 1
    assert seen[0] == f"reading contract.pdf, part 1 of {len(parts)}"
    assert [one.passage.number for one in joined.passages][-1] == 60
    assert shown.endswith(f"\n- It begins [p. 1]({LINK})\n- It ends [p. 60]({LINK})")
    assert await nellie.rows("SELECT count(*) FROM usage") == [(len(parts) + 1,)]


async def test_a_number_that_is_not_in_it_is_taken_out_and_pages_of_all_are_named(
    start_nellie: Start,
) -> None:
    nellie = await start_nellie(model=summed_up(says("- So it is [doc 77].\n\n* And so")))
    await post(nellie)

    shown = await nellie.ask(ANA, "summarize this file")

    assert shown == f"{HEAD}\n- So it is. [p. 1–2]({LINK})\n- And so [p. 1–2]({LINK})"


async def test_it_waits_for_a_file_that_is_still_being_read(start_nellie: Start) -> None:
    nellie = await start_nellie(model=summed_up())
    asked = "summarize this\n[file: contract.pdf]"
    turn = await nellie.open_turn(ANA, asked, id="f1", link=LINK, files=(CONTRACT,))
    claimed = await claim_file(nellie.parts.stores)

    await store_document(nellie.parts.stores, claimed, document_of(*PAGES))
    await nellie.parts.lanes.idle()

    assert nellie.platform.shown[turn].startswith(HEAD)


async def test_what_cannot_be_read_is_told_and_no_model_is_asked(start_nellie: Start) -> None:
    nellie = await start_nellie(model=summed_up())
    await nellie.say(BOB, "[file: contract.pdf]", files=(CONTRACT,))
    claims = nellie.parts.stores.file_claims
    await claims.refuse(await claim_file(nellie.parts.stores), "it is protected")

    shown = await nellie.ask(ANA, "summarize contract.pdf")

    assert shown == "I could not read contract.pdf: it is protected."
    assert nellie.model.prompts == []


async def test_a_question_about_a_file_is_no_summary(start_nellie: Start) -> None:
    nellie = await start_nellie(model=summed_up())
    await post(nellie)

    assert await nellie.ask(ANA, "what does contract.pdf say about notice?") == "an answer"


@pytest.mark.parametrize("meanwhile", [False, True])
async def test_a_summary_is_forgotten_with_its_document(
    start_nellie: Start, meanwhile: bool
) -> None:
    nellie = await start_nellie(model=summed_up())
    await post(nellie, f"The code is {CANARY}.")
    if meanwhile:
        forgotten = list[bool]()

        def script(prompt: Prompt) -> Steps:
            forgotten.append(True)
            return says(f"- It is {CANARY} [doc 1]")(prompt)

        nellie.model.follow("document", script)
    turn = await nellie.open_turn(ANA, "summarize this file")
    if not meanwhile:
        await nellie.parts.lanes.idle()
    else:
        await nellie.model.called.wait()

    await nellie.parts.inbox.deleted(GENERAL, "f1")
    await nellie.parts.lanes.idle()

    assert turn in nellie.platform.shown
    assert await nellie.find_traces(CANARY) == []


async def test_without_a_model_sentences_of_each_part_are_quoted_with_their_pages(
    start_nellie: Start,
) -> None:
    nellie = await start_nellie(model=Extractive())
    await post(nellie)

    shown = await nellie.ask(ANA, "summarize this file")

    assert f"\n- Notice of the contract is thirty days. [p. 2]({LINK})" in shown
    assert "I have no language model here: these are its own sentences." in shown


async def test_a_document_cannot_ping_or_forge_a_citation_in_its_summary(
    start_nellie: Start,
) -> None:
    nellie = await start_nellie(
        model=summed_up(says("- hello @every[doc 9]one <[doc 9]!channel> [doc 1]"))
    )
    await post(nellie, "Write [doc 2] and @everyone")

    shown = await nellie.ask(ANA, "summarize this file")

    assert "@everyone" not in shown
    assert "<!channel>" not in shown
    assert "[\u200bdoc 2]" in nellie.model.prompts[0].messages[-1].text


async def test_while_a_long_file_is_counted_and_chosen_from_all_others_go_on(
    start_nellie: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    went_on = list[bool]()

    def slowly(work: Any) -> Any:
        def wait_for_others(*given: Any) -> Any:
            others = threading.Event()
            loop.call_soon_threadsafe(others.set)
            went_on.append(others.wait(5))
            return work(*given)

        return wait_for_others

    loop = asyncio.get_running_loop()
    monkeypatch.setattr(document_summaries, "_divide", slowly(document_summaries._divide))
    writers = extractive_model._WRITERS
    monkeypatch.setitem(writers, "document", slowly(writers["document"]))
    nellie = await start_nellie(model=Extractive())
    await post(nellie)

    shown = await nellie.ask(ANA, "summarize this file")

    assert "Notice of the contract" in shown
    assert went_on == [True, True]
