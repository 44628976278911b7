"""However a stream is cut, into bytes or into deltas, the same answer is read from it."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from test_openai_streams import FAILED, WHOLE, chunk, stream

from bot.llm.answers.reading import AnswerReading, ThinkingHabits
from bot.llm.openai.event_stream import EventDecoder
from bot.llm.openai.events import DONE, Piece, ServerError, parse_event, read_piece

ANSWERS = {
    "in many scripts": "Диск 磁盘 красный 🔴, naïve café 👩‍👩‍👧‍👦.",
    "a thought before it": "<think>They ask.\n<b>Red?</b></think>\n\nRed.",
    "a thought that only ends": "They ask.</think>Red.",
    "a thought in code": "Write `<think>` and\n```\n<think>x</think>\n```\nRed.",
    "thoughts in channels": "<|channel|>analysis<|message|>They ask.<|end|><|start|>assistant"
    "<|channel|>final<|message|>Red.",
    "a stop token": "Red.<|im_end|>",
    "an angle bracket": "1 < 2 and </ is no tag, <thi is none, either.",
}
STREAMS = {
    **WHOLE,
    **{name: body for name, (body, _) in FAILED.items()},
    "an error in the middle": stream(
        chunk({"content": "Re"}), {"error": {"message": "磁盘 error"}}
    ),
    "many scripts": stream(chunk({"content": ANSWERS["in many scripts"]}), chunk(finish="stop")),
    "many scripts, not escaped": b"data: "
    + json.dumps(chunk({"content": ANSWERS["in many scripts"]}), ensure_ascii=False).encode()
    + b"\r\n\r\ndata: [DONE]\r\n\r\n",
}
Outcome = tuple[str, str, bool, str]


async def read(pieces: Sequence[bytes]) -> Outcome:
    """(text, finish, whether there were thoughts, what the server said was wrong)."""

    async def come() -> AsyncIterator[bytes]:
        for piece in pieces:
            yield piece

    reading = AnswerReading("m", ThinkingHabits())
    text, thought, error = "", 0, ""
    try:
        async for event in EventDecoder().read(come()):
            if event is None:
                continue
            is_done = event.data.strip().strip('"') == DONE
            piece = Piece(finish=DONE) if is_done else read_piece(parse_event(event))
            given_ = reading.read(piece)
            text, thought = text + given_.text, thought + given_.thought
            if is_done:
                break
    except ServerError as raised:
        error = str(raised)
    last = reading.finish()
    return text + last.text, reading.finish_reason, thought + last.thought > 0, error


def cut(body: Any, places: Sequence[int]) -> list[Any]:
    """The body, cut at these places."""
    ends = sorted({place % (len(body) + 1) for place in places} | {len(body)})
    return [body[start:end] for start, end in zip([0, *ends], ends, strict=False)]


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(list(STREAMS)), st.lists(st.integers(0, 5_000), max_size=40))
def test_bytes_may_be_cut_anywhere(name: str, places: list[int]) -> None:
    body = STREAMS[name]

    assert asyncio.run(read(cut(body, places))) == asyncio.run(read([body]))


def test_bytes_may_come_one_by_one() -> None:
    for body in STREAMS.values():
        assert asyncio.run(read([body[at : at + 1] for at in range(len(body))])) == asyncio.run(
            read([body])
        )


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(list(ANSWERS)), st.lists(st.integers(0, 200), max_size=40))
def test_an_answer_may_be_cut_into_any_deltas(name: str, places: list[int]) -> None:
    def body(deltas: Sequence[str]) -> bytes:
        return stream(*(chunk({"content": delta}) for delta in deltas), chunk(finish="stop"))

    text = ANSWERS[name]

    assert asyncio.run(read([body(cut(text, places))])) == asyncio.run(read([body([text])]))


def test_what_is_read_of_the_answers_is_no_thought() -> None:
    read_texts = {
        name: asyncio.run(read([stream(chunk({"content": text}), chunk(finish="stop"))]))[0]
        for name, text in ANSWERS.items()
    }

    assert read_texts.pop("in many scripts") == ANSWERS["in many scripts"]
    assert read_texts.pop("a thought in code") == ANSWERS["a thought in code"]
    assert read_texts.pop("an angle bracket") == ANSWERS["an angle bracket"]
    assert {text.strip() for text in read_texts.values()} == {"Red."}
