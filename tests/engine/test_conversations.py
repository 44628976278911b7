"""What a prompt shows of the conversation: threads, replies, direct messages, the window."""

from itertools import pairwise

from doubles.start_nellie import Start

from bot.domain.model import Channel
from bot.testing import (
    ANA,
    BOB,
    CARL,
    RunningNellie,
)

DIRECT = Channel("fake", "team", "D1", "ana", direct=True)


async def test_a_direct_conversation_continues_as_turns(nellie: RunningNellie) -> None:
    await nellie.ask(ANA, "my dog is called Rex", channel=DIRECT)
    await nellie.ask(ANA, "what is it called?", channel=DIRECT)

    roles = [one.role for one in nellie.model.prompts[-1].messages]
    assert roles == ["system", "user", "assistant", "user"]


async def test_a_thread_stands_before_the_question_as_turns(nellie: RunningNellie) -> None:
    await nellie.say(BOB, "deploying to moon base", thread="t1", id="t1")
    await nellie.ask(ANA, "where to?", thread="t1")
    await nellie.ask(ANA, "really?", thread="t1")

    _system, user, assistant, last = nellie.model.prompts[-1].messages
    assert user.text.split("\n\n")[-2:] == ["bob: deploying to moon base", "ana: where to?"]
    assert assistant.text == "You said: where to?"
    assert last.text.endswith("ana: really?")


async def test_a_reply_brings_the_chain_of_what_it_replies_to(nellie: RunningNellie) -> None:
    await nellie.say(BOB, "deploying to moon base", id="r1")
    await nellie.say(CARL, "when?", id="r2", reply_to="r1")
    for number in range(3):
        await nellie.say(CARL, f"noise {number}")

    await nellie.ask(ANA, "do you know?", reply_to="r2")

    conversation = nellie.model.prompts[-1].messages[-1].text.split("\n\n")
    assert conversation[1:3] == ["bob: deploying to moon base", "carl: when?"]


async def test_memory_is_there_after_a_restart(start_nellie: Start) -> None:
    before = await start_nellie()
    await before.say(BOB, "the backup disk is in the red cupboard")
    await before.ask(ANA, "hello")
    await before.close()

    after = await start_nellie()
    await after.ask(ANA, "where is the backup disk?")

    [_, window, *_] = after.model.prompts[0].messages
    assert "bob: the backup disk is in the red cupboard" in window.text
    assert "Nellie: You said: hello" in window.text


async def test_prompts_of_a_channel_share_their_beginning(nellie: RunningNellie) -> None:
    for number in range(12):
        await nellie.say(BOB, f"fact number {number} about the harbour")
        await nellie.ask(ANA, f"question {number}", thread=f"t{number % 3}")

    shared = [prompt.messages[0].text + prompt.messages[1].text for prompt in nellie.model.prompts]
    for before, after in pairwise(shared):
        window = before.split("\n\n")[0]
        assert after.startswith(window)
        assert "fact number 0" in window


async def test_a_thread_below_a_direct_message_knows_what_it_began_with(
    nellie: RunningNellie,
) -> None:
    direct = Channel("fake", "team", "D1", direct=True)
    await nellie.ask(ANA, "where is the disk?", channel=direct, id="m1")

    await nellie.ask(ANA, "and the other one?", channel=direct, thread="m1")

    messages = nellie.model.prompts[-1].messages
    assert [(message.role, message.text) for message in messages[-3:-1]] == [
        ("user", messages[-3].text),
        ("assistant", "You said: where is the disk?"),
    ]
    assert messages[-3].text.endswith("ana: where is the disk?")
