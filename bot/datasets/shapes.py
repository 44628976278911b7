"""Examples and pairs in the shapes that trainers read, one object of JSON a line; pure.

TRL takes a call's arguments as an object, the others as a text of JSON. What is learnt of several
answers in one talk, axolotl is told by `train`, OpenAI and Together by `weight`; TRL learns all.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal, get_args

from bot.datasets.example import CalledTool, Example, Pair, Said

Trainer = Literal["trl", "axolotl", "together", "openai"]
TRAINERS: tuple[Trainer, ...] = get_args(Trainer)

Line = dict[str, Any]


def example_line(example: Example, trainer: Trainer) -> Line:
    """An example as one line of a file."""
    line: Line = {"messages": _messages(example.messages, trainer, marked=True)}
    if example.tools:
        line["tools"] = [dict(one) for one in example.tools]
        if trainer == "openai":
            line["parallel_tool_calls"] = any(len(one.calls) > 1 for one in example.messages)
    return line


def pair_line(pair: Pair, trainer: Trainer) -> Line:
    """A pair as one line of a file."""
    prompt = _messages(pair.messages, trainer, marked=False)
    chosen, rejected = (
        {"role": "assistant", "content": text} for text in (pair.chosen, pair.rejected)
    )
    if trainer == "trl":
        return {"prompt": prompt, "chosen": [chosen], "rejected": [rejected]}
    if trainer == "axolotl":
        return {"messages": prompt, "chosen": chosen, "rejected": rejected}
    return {
        "input": {"messages": prompt},
        "preferred_output": [chosen],
        "non_preferred_output": [rejected],
    }


def _messages(messages: Sequence[Said], trainer: Trainer, *, marked: bool) -> list[Line]:
    return [_message(one, trainer, marked=marked) for one in messages]


def _message(said: Said, trainer: Trainer, *, marked: bool) -> Line:
    line: Line = {"role": said.role, "content": said.text}
    if said.calls:
        line["tool_calls"] = [_call(one, trainer) for one in said.calls]
    if said.role == "tool":
        line |= {"tool_call_id": said.call_id, "name": said.name}
        if trainer == "openai":
            del line["name"]
    if said.role == "assistant" and marked and trainer != "trl":
        if trainer == "axolotl":
            line["train"] = said.learnt
        else:
            line["weight"] = int(said.learnt)
    return line


def _call(call: CalledTool, trainer: Trainer) -> Line:
    arguments: Mapping[str, Any] | str = call.arguments
    if trainer != "trl":
        arguments = json.dumps(call.arguments, ensure_ascii=False)
    function = {"name": call.name, "arguments": arguments}
    return {"id": call.id, "type": "function", "function": function}
