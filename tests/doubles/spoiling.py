"""Payloads such as no platform sends: a copy of a true one with faults in it."""

import copy
import random
from collections.abc import Iterator
from typing import Any

DEEP = 60  # lists in one another, each time
JUNK: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    -1,
    1.5,
    -1e308,
    2**63,
    -(2**63) - 1,
    10**30,
    "",
    " ",
    "x",
    "0",
    "-1",
    "-inf",
    "nan",
    "1.1",
    "9" * 309,
    "1700000000.000100",
    "2026-13-45T99:99:99",
    "\0",
    "é\x00\ud800",
    "\udfff\ud83d",
    "\u202e\u2066txt",
    "<@UNELLIE>",
    "<@1>" * 600,
    "<!channel> <#C1|",
    "x" * 5_000,
    "é" * 40_000,
    "C1",
    "U1",
    "B1",
    "D404",
    "T404",
    "../../etc/passwd",
    "{}",
    "[",
    [],
    {},
    [None],
    [[]],
    [{}],
    [1, "x", None],
    {"id": None},
    {"id": []},
    {"text": {"text": []}},
    {"": {"": ""}},
)


class Repeated(dict[str, Any]):
    """An object in which each key stands twice, first with something else."""

    def items(self) -> Any:
        return [pair for key, value in super().items() for pair in ((key, None), (key, value))]


def spoiled(payload: Any, dice: random.Random) -> Any:
    """A copy with one to three faults in it; now and then something else altogether."""
    copied = copy.deepcopy(payload)
    for _ in range(dice.randint(1, 3)):
        places = list(_places(copied))
        if not places:
            break
        _spoil(*dice.choice(places), dice)
    return copied if dice.random() < 0.98 else copy.deepcopy(dice.choice(JUNK))


def _spoil(place: Any, key: Any, dice: random.Random) -> None:
    value = place[key]
    match dice.choice(["drop", "junk", "junk", "junk", "list", "deep", "repeat", "rename", "swap"]):
        case "drop":
            del place[key]
        case "junk":
            place[key] = copy.deepcopy(dice.choice(JUNK))
        case "list":
            place[key] = [value, copy.deepcopy(value)]
        case "deep":
            place[key] = _nested(value, dice.choice(["[", "{"]))
        case "repeat":
            place[key] = Repeated(value) if isinstance(value, dict) else [value] * 40
        case "rename" if isinstance(place, dict):
            place[f"{key}\0"] = place.pop(key)
        case _:  # with what stands beside it
            other = dice.choice(list(place) if isinstance(place, dict) else range(len(place)))
            place[key], place[other] = place[other], value


def _nested(value: Any, kind: str) -> Any:
    for _ in range(DEEP):
        value = [value] if kind == "[" else {"elements": value}
    return value


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in it where something stands."""
    if not isinstance(value, dict | list):
        return
    for key in list(value) if isinstance(value, dict) else range(len(value)):
        yield value, key
        yield from _places(value[key])


def is_unforeseen(line: Any) -> bool:
    """Whether a line of the log tells of a fault of ours: that a platform refuses is none."""
    foreseen = {"turn_given_up", "file_not_downloaded"}
    return line["log_level"] == "error" and line["event"] not in foreseen
