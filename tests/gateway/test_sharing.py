"""Which calls are equal: one key for those, and none for what is to be made for itself."""

from dataclasses import dataclass, replace
from typing import Any

import pytest

from bot.domain.api import Caller
from bot.gateway.models.provider_models import ProviderModel
from bot.gateway.models.targets import Target
from bot.gateway.saving.sharing import LARGEST, key_of, may_be_kept

ANA = Caller(key_id=1, platform="", workspace="", person_id="ana", name="ana", team="red")
BOB = replace(ANA, key_id=2, person_id="bob", name="bob")
ASK: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}


@dataclass
class Named:
    """A target of that name."""

    id: str
    is_same_for_all: bool = True
    asks: str = "a/m"


def key(caller: Caller = ANA, name: str = "a/m", kind: str = "chat", **more: Any) -> bytes | None:
    target: Any = Named(name, more.pop("same", True))
    return key_of(kind, caller, target, {**ASK, **more})


def test_the_order_of_fields_and_who_asks_in_a_team_make_no_difference() -> None:
    target: Any = Named("a/m")
    turned = dict(reversed([*ASK.items()]))

    assert key() == key(BOB) == key_of("chat", ANA, target, turned)


@pytest.mark.parametrize(
    "other",
    [
        key(replace(ANA, team="blue")),
        key(replace(ANA, team="")),
        key(name="a/n"),
        key(kind="responses"),
        key(stream=True),
        key(seed=1),
        key(same=False),
    ],
)
def test_anything_else_is_another_call(other: bytes | None) -> None:
    assert other is not None
    assert other != key()


def test_where_answers_depend_on_who_asks_only_one_person_shares() -> None:
    assert key(same=False) == key(same=False)
    assert key(same=False) != key(BOB, same=False)
    nobody, other = (replace(ANA, key_id=number, person_id="", team="") for number in (7, 8))
    assert key(nobody) != key(other)


@pytest.mark.parametrize(
    "more",
    [
        {"n": 3},
        {"best_of": 2},
        {"temperature": 0.01},
        {"temperature": "hot"},
        {"conversation": "c1"},
        {"messages": [{"role": "user", "content": "x" * (LARGEST + 1)}]},
    ],
)
def test_these_are_made_for_themselves(more: dict[str, Any]) -> None:
    assert key(**more) is None
    assert key(replace(ANA, alone=True)) is None


@pytest.mark.parametrize(
    ("more", "kept"),
    [
        ({"temperature": 0}, True),
        ({"temperature": 0.0}, True),
        ({"seed": 0}, False),
        ({"temperature": 0, "seed": 7}, True),
        ({"temperature": False}, False),
        ({"temperature": None}, False),
        ({"temperature": 0, "tools": [{}]}, False),
        ({"temperature": 0, "functions": [{}]}, False),
        ({"temperature": 0, "previous_response_id": "r1"}, False),
        ({"temperature": 0, "background": True}, False),
        ({"temperature": 0, "n": 2}, False),
        ({}, False),
    ],
)
def test_only_what_has_no_chance_in_it_may_be_kept(more: dict[str, Any], kept: bool) -> None:
    target: Any = Named("a/m")

    assert may_be_kept("chat", target, {**ASK, **more}) is kept
    assert may_be_kept("chat", replace(target, is_same_for_all=False), {**ASK, **more}) is False


def test_embeddings_have_no_chance_in_them() -> None:
    target: Any = Named("a/m")

    assert may_be_kept("embeddings", target, {"model": "m", "input": "a"})


def test_providers_models_are_the_same_for_all() -> None:
    kind: type[Target] = ProviderModel

    assert kind.is_same_for_all
