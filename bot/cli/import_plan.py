"""Which of an archive's channels come in, and where each goes to."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.cli.channel_names import close, exact_name, fold, label, matching, without_mark
from bot.domain.errors import UnknownChannel
from bot.domain.model import Channel
from bot.text.plurals import counted

LISTED = 20  # channels in an error


@dataclass(frozen=True, slots=True)
class Plan:
    """The chosen channels of an archive."""

    chosen: tuple[Channel, ...]
    target: str = ""
    """The name under which the only one comes in, where that is not its own."""
    left_out: str = ""
    """What is not chosen by itself, to be told."""


def make_plan(found: Sequence[Channel], names: Sequence[str], into: str) -> Plan:
    """Choose by names, or all that are no direct messages. Raises UnknownChannel.

    Where there is only one channel, a name that is not its own says where it goes to.
    """
    if not names:
        return _everything(found, into)
    if len(found) == len(names) == 1 and not matching(names[0], found):
        return Plan(tuple(found), into or names[0])
    chosen = tuple(dict.fromkeys(_choose(name, found) for name in names))
    return Plan(chosen, _single(chosen, into))


def _everything(found: Sequence[Channel], into: str) -> Plan:
    chosen = tuple(one for one in found if not one.direct) or tuple(found)
    left = len(found) - len(chosen)
    told = f"{counted(left, 'direct conversation')} left out: choose them with --channel"
    return Plan(chosen, _single(chosen, into), told if left else "")


def _single(chosen: Sequence[Channel], into: str) -> str:
    if into and len(chosen) > 1:
        raise UnknownChannel(
            reason=f"--into takes one channel, and these are {_listed(chosen)}."
            " Choose one with --channel."
        )
    return into


def _choose(name: str, found: Sequence[Channel]) -> Channel:
    fitting = matching(name, found) or [one for one in found if _is_called(name, one)]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        raise UnknownChannel(reason=f"It holds several channels {name!r}: {_listed(fitting)}.")
    near = close(name, found)
    hint = (
        f"Did you mean {' or '.join(map(label, near))}?" if near else f"It holds {_listed(found)}."
    )
    raise UnknownChannel(reason=f"The archive holds no channel {name!r}. {hint}")


def _is_called(name: str, channel: Channel) -> bool:
    """Direct messages too: nobody but who has the archive chooses here."""
    return fold(without_mark(name)) in (fold(channel.name), fold(channel.id))


def _listed(channels: Sequence[Channel]) -> str:
    shown = [one.name or exact_name(one) for one in channels[:LISTED]]
    more = len(channels) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")
