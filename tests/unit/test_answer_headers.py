"""What callers may read beside an answer."""

from types import SimpleNamespace
from typing import cast

import pytest

from bot.domain.model import Usage
from bot.gateway.calls.answer_headers import headers_of
from bot.gateway.calls.calls import Calls
from bot.gateway.models.targets import TargetAnswer


@pytest.mark.parametrize(("cached", "told"), [(None, None), (0, "0"), (7, "7")])
def test_cached_tokens_are_told_where_they_are_known(cached: int | None, told: str | None) -> None:
    calls = cast(Calls, SimpleNamespace(cost_of=lambda usage: None))
    answer = TargetAnswer(model="openai/double", body={}, usage=Usage("m", 9, 1, cached=cached))

    assert headers_of(calls, None, answer).get("x-nellie-cached-tokens") == told
