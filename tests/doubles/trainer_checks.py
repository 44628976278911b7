"""What trainers read, checked as strictly as their documents say; each raises AssertionError.

TRL: https://huggingface.co/docs/trl/dataset_formats; OpenAI's fine-tuning guide; Together's
"Data preparation"; axolotl's `chat_template`, for talks and for DPO.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

ROLES = {"system", "user", "assistant", "tool"}
Line = Mapping[str, Any]


def check_example(line: Line, trainer: str) -> None:
    """One talk."""
    extra = {"parallel_tool_calls"} if trainer == "openai" else set()
    assert set(line) - extra in ({"messages"}, {"messages", "tools"})
    assert ("parallel_tool_calls" in line) == (trainer == "openai" and "tools" in line)
    _check_talk(line["messages"], trainer)
    assert line["messages"][-1]["role"] == "assistant"
    assert line["messages"][-1]["content"].strip()
    called = {call["function"]["name"] for one in line["messages"] for call in _calls(one)}
    offered = {one["function"]["name"] for one in line.get("tools", ())}
    assert called <= offered
    for tool in line.get("tools", ()):
        assert tool["type"] == "function"
        assert tool["function"]["parameters"]["type"] == "object"
    assert _learnt(line["messages"], trainer) in (None, 1)


def check_pair(line: Line, trainer: str) -> None:
    """Two answers to one talk."""
    if trainer == "trl":
        assert set(line) == {"prompt", "chosen", "rejected"}
        prompt, answers = line["prompt"], [*line["chosen"], *line["rejected"]]
        assert [len(line["chosen"]), len(line["rejected"])] == [1, 1]
    elif trainer == "axolotl":
        assert set(line) == {"messages", "chosen", "rejected"}
        prompt, answers = line["messages"], [line["chosen"], line["rejected"]]
    else:
        assert set(line) == {"input", "preferred_output", "non_preferred_output"}
        prompt = line["input"]["messages"]
        answers = [*line["preferred_output"], *line["non_preferred_output"]]
    _check_talk(prompt, trainer, weighed=False)
    assert prompt[-1]["role"] == "user"
    assert len(answers) == 2
    assert answers[0] != answers[1]
    for answer in answers:
        assert answer.keys() == {"role", "content"}
        assert answer["role"] == "assistant"
        assert answer["content"].strip()


def _check_talk(messages: list[Line], trainer: str, *, weighed: bool = True) -> None:
    """A system message first, if any; then user and assistant take turns, with calls between."""
    assert messages
    open_calls: list[str] = []
    last = ""
    for number, one in enumerate(messages):
        role = one["role"]
        assert role in ROLES
        assert isinstance(one["content"], str)
        assert (role == "system") <= (number == 0)
        if role == "tool":
            assert one["tool_call_id"] == open_calls.pop(0)
            assert ("name" in one) == (trainer != "openai")
        else:
            assert not open_calls
            assert role != last
        open_calls += [call["id"] for call in _calls(one)]
        for call in _calls(one):
            _check_call(call, trainer)
        if role == "assistant":
            _check_weight(one, trainer, weighed=weighed)
        last = role
    assert not open_calls


def _check_call(call: Line, trainer: str) -> None:
    assert call.keys() == {"id", "type", "function"}
    assert call["type"] == "function"
    arguments = call["function"]["arguments"]
    assert isinstance(arguments, dict if trainer == "trl" else str)
    assert isinstance(arguments if trainer == "trl" else json.loads(arguments), dict)


def _check_weight(message: Line, trainer: str, *, weighed: bool) -> None:
    known: dict[str, Callable[[], bool]] = {
        "trl": lambda: not {"train", "weight"} & message.keys(),
        "axolotl": lambda: "weight" not in message and isinstance(message["train"], bool),
        "together": lambda: "train" not in message and message["weight"] in (0, 1),
        "openai": lambda: "train" not in message and message["weight"] in (0, 1),
    }
    assert known[trainer]() if weighed else not {"train", "weight"} & message.keys()


def _learnt(messages: list[Line], trainer: str) -> int | None:
    if trainer == "trl":
        return None
    name = "train" if trainer == "axolotl" else "weight"
    return sum(bool(one[name]) for one in messages if one["role"] == "assistant")


def _calls(message: Line) -> list[Line]:
    return list(message.get("tool_calls", ()))
