"""What servers say that a call cost: the same four numbers, whatever they call them."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from doubles.raw_stream_server import RawStreamServer

from bot.domain.model import Usage
from bot.domain.ports import Model
from bot.llm.answers.usage import add_usage, read_usage
from bot.llm.openai.chat import OpenAI
from bot.testing import collect, prompt_of

Build = Callable[..., Model]

# By server: what it says, and the tokens given, read from its cache, written into it, and answered.
SHAPES: dict[str, tuple[dict[str, Any], tuple[int, int | None, int | None, int]]] = {
    "OpenAI before its writes cost": (
        {
            "prompt_tokens": 2006,
            "completion_tokens": 300,
            "prompt_tokens_details": {"cached_tokens": 1920, "audio_tokens": 0},
        },
        (2006, 1920, None, 300),
    ),
    "OpenAI, and OpenRouter": (
        {
            "prompt_tokens": 7195,
            "completion_tokens": 4,
            "prompt_tokens_details": {"cached_tokens": 6002, "cache_write_tokens": 1100},
        },
        (7195, 6002, 1100, 4),
    ),
    "the Responses of OpenAI": (
        {
            "input_tokens": 3000,
            "output_tokens": 12,
            "input_tokens_details": {"cached_tokens": 2048, "cache_write_tokens": 512},
        },
        (3000, 2048, 512, 12),
    ),
    "Anthropic by itself": (
        {
            "input_tokens": 21,
            "cache_creation_input_tokens": 188,
            "cache_read_input_tokens": 5086,
            "output_tokens": 393,
        },
        (5295, 5086, 188, 393),
    ),
    "Anthropic by itself, most of it new": (
        {
            "input_tokens": 3100,
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": 1500,
            "output_tokens": 3,
        },
        (4600, 1500, 0, 3),
    ),
    "Anthropic behind a relay that counts all as prompt": (
        {
            "prompt_tokens": 5295,
            "completion_tokens": 393,
            "cache_creation_input_tokens": 188,
            "cache_read_input_tokens": 5086,
            "prompt_tokens_details": {"cached_tokens": 5086, "cache_creation_tokens": 188},
        },
        (5295, 5086, 188, 393),
    ),
    "Anthropic behind a relay that counts the rest as prompt": (
        {
            "prompt_tokens": 21,
            "completion_tokens": 393,
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": 5086,
        },
        (5107, 5086, 0, 393),
    ),
    "a relay that calls what was written cached, too": (
        {
            "prompt_tokens": 7039,
            "completion_tokens": 650,
            "prompt_tokens_details": {
                "cached_tokens": 7019,
                "cache_creation_input_tokens": 7019,
                "cache_read_input_tokens": 0,
            },
        },
        (7039, 0, 7019, 650),
    ),
    "a relay with Anthropic's names left at zero": (
        {
            "prompt_tokens": 4000,
            "completion_tokens": 5,
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": 0,
            "prompt_tokens_details": {"cached_tokens": 3968},
        },
        (4000, 3968, 0, 5),
    ),
    "DeepSeek": (
        {
            "prompt_tokens": 900,
            "completion_tokens": 70,
            "prompt_cache_hit_tokens": 832,
            "prompt_cache_miss_tokens": 68,
        },
        (900, 832, None, 70),
    ),
    "Moonshot": (
        {"prompt_tokens": 19, "completion_tokens": 21, "cached_tokens": 10},
        (19, 10, None, 21),
    ),
    "Bedrock": (
        {
            "inputTokens": 30,
            "outputTokens": 40,
            "cacheReadInputTokens": 2000,
            "cacheWriteInputTokens": 100,
        },
        (2130, 2000, 100, 40),
    ),
    "a server that says nothing of a cache": (
        {"prompt_tokens": 9, "completion_tokens": 7, "prompt_tokens_details": None},
        (9, None, None, 7),
    ),
    "a server that writes nonsense": (
        {
            "prompt_tokens": 9,
            "completion_tokens": "seven",
            "cached_tokens": True,
            "prompt_tokens_details": {"cached_tokens": -1, "cache_write_tokens": None},
        },
        (9, None, None, 0),
    ),
}


@pytest.mark.parametrize(("said", "counts"), SHAPES.values(), ids=SHAPES)
def test_reads_the_four_numbers(
    said: dict[str, Any], counts: tuple[int, int | None, int | None, int]
) -> None:
    usage = read_usage("m", said)

    assert usage
    assert (usage.input, usage.cached, usage.cache_write, usage.output) == counts


@pytest.mark.parametrize("said", [None, [], "12", {}, {"prompt_tokens": 0}, {"prompt_tokens": "9"}])
def test_reads_nothing_where_nothing_is_said(said: object) -> None:
    assert read_usage("m", said) is None


def test_adds_up_two_calls() -> None:
    first, second = Usage("m", 10, 1, cached=4), Usage("m", 20, 2, cached=5, cache_write=6)

    assert add_usage(first, second) == Usage("m", 30, 3, cached=9, cache_write=6)
    assert add_usage(first, None) == add_usage(None, first) == first
    assert add_usage(first, first) == Usage("m", 20, 2, cached=8)


@pytest.mark.parametrize(
    "place",
    [
        lambda usage: {"choices": [], "usage": usage},
        lambda usage: {"choices": [{"index": 0, "delta": {}, "usage": usage}]},
        lambda usage: {"choices": [{"index": 0, "delta": {}}], "x_groq": {"usage": usage}},
    ],
    ids=["at the end", "in the choice, as Moonshot", "in a field of its own, as Groq"],
)
async def test_finds_it_wherever_a_stream_has_it(
    build: Build, place: Callable[[Any], dict[str, Any]]
) -> None:
    said = {"prompt_tokens": 90, "completion_tokens": 7, "prompt_cache_hit_tokens": 64}
    events = [
        {"choices": [{"index": 0, "delta": {"content": "Red."}, "finish_reason": "stop"}]},
        place(said),
    ]
    body = "".join(f"data: {json.dumps(event)}\n\n" for event in events) + "data: [DONE]\n\n"
    async with RawStreamServer(body.encode()) as server:
        output = await collect(build(OpenAI, "m", OPENAI_BASE_URL=server.url), prompt_of())

    assert output.usages == [Usage("openai/m", 90, 7, cached=64)]
