"""What is said of a provider's cache for callers who say nothing of it."""

from typing import Any

import httpx2
import pytest

from bot.llm.passthrough.cache_marks import CacheMarks
from bot.llm.providers.provider import Provider

OPENAI = Provider(name="openai", url=httpx2.URL("https://api.openai.com/v1/"))
ANTHROPIC = Provider(name="anthropic", url=httpx2.URL("https://api.anthropic.com/v1/"))
OWN = Provider(name="vllm", url=httpx2.URL("http://127.0.0.1:8000/v1/"), is_local=True)
LONG = "You know all of the harbour's rules by heart, and quote them word by word. " * 120
TOLD = {"role": "system", "content": LONG}


def user(text: str = "What about the mooring?") -> dict[str, Any]:
    return {"role": "user", "content": text}


def said(text: str = "It is allowed.") -> dict[str, Any]:
    return {"role": "assistant", "content": text}


def body(*messages: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"model": "gpt-5.6-mini", "messages": list(messages), **more}


def marked(found: Any) -> list[int]:
    return [
        number
        for number, message in enumerate(found["messages"])
        if isinstance(message["content"], list)
        and any(
            {"prompt_cache_breakpoint", "cache_control"} & part.keys()
            for part in message["content"]
        )
    ]


@pytest.mark.parametrize(
    ("messages", "marks"),
    [
        ([TOLD, user()], [0]),
        ([TOLD, {"role": "developer", "content": "Be short."}, user()], [1]),
        ([TOLD, user(), said(), user()], [0, 1, 3]),
        ([TOLD, user(), said(), user(), said(), user()], [0, 3, 5]),
        ([user(LONG), said(), user()], [0, 2]),
        ([TOLD, user(), said(""), {"role": "tool", "content": "3"}], [0, 1, 3]),
        ([user(LONG)], []),
    ],
)
def test_marks_stand_where_later_calls_begin_alike(
    messages: list[dict[str, Any]], marks: list[int]
) -> None:
    found = CacheMarks(OPENAI).add("gpt-5.6-mini", body(*messages), "red")

    assert marked(found) == marks
    if marks:
        assert found["prompt_cache_options"]["mode"] == "explicit"
    texts = [
        one["content"] if isinstance(one["content"], str) else one["content"][0]["text"]
        for one in found["messages"]
    ]
    assert texts == [one["content"] for one in messages]


def test_parts_keep_what_they_hold() -> None:
    parts = [
        {"type": "text", "text": LONG},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}},
    ]
    asked = body({"role": "user", "content": parts}, said(), user())

    found = CacheMarks(OPENAI).add("gpt-6-luna", asked, "red")

    assert found["messages"][0]["content"][0] == parts[0]
    assert found["messages"][0]["content"][1] == {
        **parts[1],
        "prompt_cache_breakpoint": {"mode": "explicit"},
    }


@pytest.mark.parametrize("model", ["gpt-5.4", "gpt-4o", "o3"])
def test_older_models_get_a_key_and_no_marks(model: str) -> None:
    asked = body(TOLD, user())

    found = CacheMarks(OPENAI).add(model, asked, "red")

    assert {name: value for name, value in found.items() if name != "prompt_cache_key"} == asked
    assert found["prompt_cache_key"].startswith("nellie-")


def test_short_prompts_get_no_marks() -> None:
    found = CacheMarks(OPENAI).add("gpt-5.6", body(user("hi"), said(), user()), "red")

    assert marked(found) == []


def test_anthropic_is_marked_in_its_own_words() -> None:
    asked = body(TOLD, user())

    found = CacheMarks(ANTHROPIC).add("claude-sonnet", asked, "red")

    assert found["messages"][0]["content"][0]["cache_control"] == {"type": "ephemeral"}
    assert "prompt_cache_key" not in found


@pytest.mark.parametrize(
    "own",
    [
        {"prompt_cache_key": "mine"},
        {"prompt_cache_options": {"mode": "implicit"}},
        {"prompt_cache_retention": "24h"},
        {
            "messages": [
                {
                    "role": "user",
                    "content": [
                        {
                            "type": "text",
                            "text": LONG,
                            "prompt_cache_breakpoint": {"mode": "explicit"},
                        }
                    ],
                }
            ]
        },
    ],
)
def test_who_speaks_of_caching_is_left_alone(own: dict[str, Any]) -> None:
    asked = {**body(TOLD, user()), **own}

    assert CacheMarks(OPENAI).add("gpt-5.6", asked, "red") == asked


@pytest.mark.parametrize("messages", [None, [], "x", [7], [{"role": "user"}], [{"content": LONG}]])
def test_odd_messages_pass_as_they_are(messages: Any) -> None:
    asked = {"model": "gpt-5.6", "messages": messages}

    found = CacheMarks(OPENAI).add("gpt-5.6", asked, "red")

    assert found["messages"] == messages


def test_other_servers_are_told_nothing() -> None:
    asked = body(TOLD, user(), said(), user())

    assert CacheMarks(OWN).add("gpt-5.6", asked, "red") == asked


def test_a_key_is_the_same_for_what_begins_alike() -> None:
    def key(scope: str, *messages: dict[str, Any], **more: Any) -> Any:
        return CacheMarks(OPENAI).add("gpt-5.6", body(*messages, **more), scope)["prompt_cache_key"]

    first = key("red", TOLD, user())
    assert key("red", TOLD, user("another"), said(), user("question")) == first
    others = [
        key("blue", TOLD, user()),
        key("red", {"role": "system", "content": "short"}, user()),
        key("red", TOLD, user(), tools=[{"type": "function"}]),
    ]
    assert len({first, *others}) == 4
