"""Questions about files that are still being read: they wait a little, and hold up nobody."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from doubles.read_documents import claim_file, document_of, read_file, store_document
from doubles.start_nellie import Start

from bot.core import asked_files
from bot.domain.documents import PostedFile
from bot.domain.model import Turn
from bot.domain.ports import DeliveryLog
from bot.testing import ANA, BOB, FakePlatform, RunningNellie, ScriptedModel, says

CONTRACT = PostedFile(id="F1", name="contract.pdf", media_type="application/pdf", size=3)
ASKED = "how long is the notice?\n[file: contract.pdf]"
NOTICE = document_of("Notice is thirty days.")


class Watched(FakePlatform):
    """Keeps what an answer tells of itself, and answers nobody before that is looked at."""

    def __init__(self) -> None:
        super().__init__()
        self.log: DeliveryLog | None = None

    async def deliver(
        self, turn: Turn, text: AsyncIterator[str], delivery_log: DeliveryLog
    ) -> None:
        self.log = self.log or delivery_log
        await super().deliver(turn, text, delivery_log)

    async def until(self, status: str) -> None:
        """Return once the first answer says so."""
        async with asyncio.timeout(10):
            while self.log is None or self.log.status != status:  # noqa: ASYNC110  # nobody tells
                await asyncio.sleep(0.01)


async def test_a_question_waits_for_its_file_with_a_status_and_goes_on_at_once(
    start_nellie: Start,
) -> None:
    platform = Watched()
    nellie = await start_nellie(
        platform=platform, model=ScriptedModel(says("Thirty days [doc 1]."))
    )
    turn = await nellie.open_turn(ANA, ASKED, files=(CONTRACT,))
    await platform.until("reading contract.pdf")
    claimed = await claim_file(nellie.parts.stores)
    await nellie.parts.stores.file_claims.keep(claimed, lease=60, progress="page 30 of 100")
    await platform.until("reading contract.pdf, page 30 of 100")
    assert platform.log
    assert platform.log.calling == platform.log.status
    assert nellie.model.prompts == []

    await store_document(nellie.parts.stores, claimed, NOTICE)
    await nellie.parts.lanes.idle()

    assert platform.shown[turn] == "Thirty days (contract.pdf, p. 1)."


async def test_after_a_while_it_is_answered_and_says_that_it_is_still_being_read(
    start_nellie: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asked_files, "WITHIN", 0.1)
    nellie = await start_nellie(model=ScriptedModel(says("I do not know.")))

    shown = await nellie.ask(ANA, ASKED, files=(CONTRACT,))

    told = "contract.pdf is still being read: ask me again in a while."
    assert shown == f"I do not know.\n\n({told})"
    assert f"- {told}" in nellie.model.prompts[-1].messages[-1].text


async def test_others_do_not_wait(start_nellie: Start) -> None:
    platform = Watched()
    nellie = await start_nellie(platform=platform, concurrency=1)
    turn = await nellie.open_turn(ANA, ASKED, files=(CONTRACT,), thread="t1")
    await platform.until("reading contract.pdf")

    other = await nellie.open_turn(BOB, "hello", thread="t2")

    await nellie.parts.turns.wait_until_ended(other)
    assert "hello" in platform.shown[other]
    assert turn not in platform.shown
    await nellie.parts.turns.stop(turn)


@pytest.mark.parametrize("place", ["thread", "reply"])
async def test_what_stands_beside_the_question_is_waited_for(
    start_nellie: Start, place: str
) -> None:
    platform = Watched()
    nellie = await start_nellie(platform=platform)
    at = {"thread": "t1"} if place == "thread" else {}
    await nellie.say(BOB, "[file: contract.pdf]", id="f1", files=(CONTRACT,), **at)
    asked = at or {"reply_to": "f1"}

    await nellie.open_turn(ANA, "how long is the notice?", **asked)
    await platform.until("reading contract.pdf")
    await read_file(nellie.parts.stores, NOTICE)
    await nellie.parts.lanes.idle()

    assert len(nellie.model.prompts) == 1


async def test_a_file_elsewhere_is_not_waited_for(nellie: RunningNellie) -> None:
    await nellie.say(BOB, "[file: contract.pdf]", files=(CONTRACT,))

    assert await nellie.ask(ANA, "hello") == "You said: hello"


async def test_why_a_file_cannot_be_read_is_told(start_nellie: Start) -> None:
    platform = Watched()
    nellie = await start_nellie(platform=platform)
    turn = await nellie.open_turn(ANA, ASKED, files=(CONTRACT,))
    await platform.until("reading contract.pdf")

    await nellie.parts.stores.file_claims.refuse(
        await claim_file(nellie.parts.stores), "it is protected"
    )
    await nellie.parts.lanes.idle()

    told = "I could not read contract.pdf: it is protected."
    assert platform.shown[turn].endswith(f"\n\n({told})")
    assert f"- {told}" in nellie.model.prompts[-1].messages[-1].text


async def test_what_was_put_off_is_not_waited_for(start_nellie: Start) -> None:
    nellie = await start_nellie()
    await nellie.say(BOB, "[file: contract.pdf]", id="f1", files=(CONTRACT,))
    claims = nellie.parts.stores.file_claims
    await claims.put_off(await claim_file(nellie.parts.stores), 60, "the platform is away")

    shown = await nellie.ask(ANA, "what is it?", reply_to="f1")

    assert "(contract.pdf is not read yet: the platform is away. I try it again.)" in shown


async def test_in_a_thread_only_the_model_is_told_again_what_could_not_be_read(
    nellie: RunningNellie,
) -> None:
    await nellie.say(BOB, "[file: contract.pdf]", id="t1", thread="t1", files=(CONTRACT,))
    await nellie.parts.stores.file_claims.refuse(
        await claim_file(nellie.parts.stores), "it is broken"
    )

    shown = await nellie.ask(ANA, "what is it?", thread="t1")

    assert "could not read" not in shown
    assert "- I could not read contract.pdf: it is broken." in (
        nellie.model.prompts[-1].messages[-1].text
    )


async def test_files_of_a_private_question_are_not_kept_and_that_is_told(
    nellie: RunningNellie,
) -> None:
    shown = await nellie.ask(ANA, ASKED, files=(CONTRACT,), private=True)

    assert "I did not read contract.pdf" in shown
    assert await nellie.rows("SELECT * FROM posted_file") == []


async def test_what_waits_can_be_stopped(start_nellie: Start) -> None:
    platform = Watched()
    nellie = await start_nellie(platform=platform)
    turn = await nellie.open_turn(ANA, ASKED, files=(CONTRACT,))
    await platform.until("reading contract.pdf")

    await nellie.parts.turns.stop(turn)
    await nellie.parts.lanes.idle()

    assert platform.shown[turn] == " (stopped)"
    assert nellie.model.prompts == []


async def test_a_name_in_brackets_is_no_file(nellie: RunningNellie) -> None:
    assert "still being read" not in await nellie.ask(ANA, "what is [file: contract.pdf]?")


async def test_a_file_that_is_deleted_meanwhile_is_waited_for_no_longer(
    start_nellie: Start,
) -> None:
    platform = Watched()
    nellie = await start_nellie(platform=platform)
    turn = await nellie.open_turn(ANA, ASKED, files=(CONTRACT,))
    await platform.until("reading contract.pdf")

    await nellie.parts.inbox.file_deleted("fake", "team", "F1")
    await nellie.parts.lanes.idle()

    assert "still being read" not in platform.shown[turn]
