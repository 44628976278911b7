"""What Discord garbled is told from faults of ours by where it was stumbled over."""

import copy
import weakref

import discord
import pytest

from adapters.discord.garbled import Garbled, is_garbled


def error_of(code: str, module: str) -> Exception:
    """What this code raises in a module of that name."""
    with pytest.raises(Exception) as caught:  # noqa: PT011  # each has its own
        exec(compile(code, module, "exec"), {"__name__": module, "weakref": weakref, "copy": copy})  # noqa: S102  # ours
    return caught.value


@pytest.mark.parametrize(
    "code",
    [
        "len(7)",
        "weakref.WeakValueDictionary()[[]]",  # Python's own module raises
        "copy.deepcopy(x for x in ())",
        "weakref.ref(7)",
    ],
)
def test_what_a_reader_stumbles_over_is_garbled_and_elsewhere_it_is_a_fault(code: str) -> None:
    assert is_garbled(error_of(code, "discord.webhook.async_"))
    assert is_garbled(error_of(code, "adapters.discord.incoming"))
    assert not is_garbled(error_of(code, "adapters.discord.delivery"))


def test_what_is_said_to_be_garbled_is_and_a_refusal_is_not() -> None:
    assert is_garbled(Garbled("it has no id"))
    assert not is_garbled(discord.ClientException("no"))
    assert not is_garbled(None)
