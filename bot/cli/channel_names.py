"""What a channel is called on the command line: the same name in every command."""

import re
import sys
from collections.abc import Callable, Iterable, Sequence
from difflib import SequenceMatcher
from unicodedata import normalize

import typer

from bot.cli.runner import interruptible
from bot.domain.errors import UnknownChannel
from bot.domain.model import Channel
from bot.store.channels import Channels, ChannelState
from bot.text.sanitize import clean

OFFERED = 3  # channels that a wrong name may have meant
CLOSE = 0.75  # of 1: how much of a name must be the same letters in the same order
WHOLLY = 1.0
SHORTEST_BEGINNING = 2  # letters of a name by which somebody may have meant the whole of it

_WORD = re.compile(r"[^\W_]+")
_FULL_NAME = re.compile(r"(?P<platform>[a-z][a-z0-9_-]*):(?P<workspace>[^/]*)/(?P<id>.+)")
_MARK = re.compile(r"(^|[:/])#")
OWN = ("console", "local")  # where channels are whose names people choose here
EXAMPLE = Channel(*OWN, "try-ubuntu", "try-ubuntu, an example", direct=True)
"""What a newcomer may try; nobody chose its name, so it is never what a slip may have meant."""


def exact_name(channel: Channel) -> str:
    """The name that `nellie channels` shows, and that every command takes."""
    place = (channel.platform, channel.workspace)
    if place == OWN and parse_name(channel.id) == channel:
        return channel.id
    return f"{channel.platform}:{channel.workspace}/{channel.id}"


def label(channel: Channel) -> str:
    """The exact name, and beside it what people call the channel where that is not the same."""
    exact = clean(exact_name(channel))
    if not channel.name or channel.name == channel.id:
        return exact
    name = clean(channel.name)
    return f"{exact} ({name if channel.direct else '#' + name.lstrip('#')})"


def parse_name(name: str) -> Channel:
    """The channel that a name means where nothing is known of it: one's own, or as it says."""
    if found := _FULL_NAME.fullmatch(name):
        return Channel(found["platform"], found["workspace"], found["id"])
    own = without_mark(name)
    return Channel(*OWN, own, own)


def without_mark(name: str) -> str:
    """#x is x, also behind the name of its platform or workspace."""
    return _MARK.sub(r"\1", name, count=1) if name.strip("#") else name


def matching(name: str, channels: Iterable[Channel]) -> list[Channel]:
    """What a name means among channels: by its exact name, else its plain name, else its letters.

    Several where it does not say which of them.
    """
    known, plain = list(channels), without_mark(name)
    for spellings, asked in (
        (_exact_spellings, name),
        (_exact_spellings, plain),
        (_plain_spellings, plain),
        (_folded_spellings, fold(plain)),
    ):
        if found := [one for one in known if asked in spellings(one)]:
            return found
    return []


def close(name: str, channels: Iterable[Channel]) -> list[Channel]:
    """Those whose names look like a wrong one, or of which it is a part, the nearest first."""
    asked = fold(without_mark(name))
    meant = [one for one in channels if one != EXAMPLE]
    nearest = [(_nearness(asked, one), one) for one in meant]
    found = [(alike, c) for alike, c in nearest if alike >= CLOSE]
    return [c for _, c in sorted(found, key=lambda pair: -pair[0])][:OFFERED]


async def find_channel(channels: Channels, name: str) -> ChannelState:
    """The channel that is remembered under a name. Raises UnknownChannel, with what is near."""
    states = {state.channel: state for state in await channels.all()}
    return states[find_among(name, list(states))]


def find_among(name: str, known: Sequence[Channel]) -> Channel:
    """The one channel of this name. Raises UnknownChannel."""
    found = matching(name, known)
    if len(found) == 1:
        return found[0]
    raise UnknownChannel(reason=_several(name, found) if found else _unknown(name, known))


async def find_or_import(channels: Channels, name: str, *, new: bool) -> Channel:
    """The channel that an import goes to: also one of a platform that is not known yet."""
    known = [state.channel for state in await channels.all()]
    if (named := parse_name(name)).platform != OWN[0]:
        found = matching(name, known)
        return found[0] if len(found) == 1 else named
    return choose_or_begin(name, known, new=new)


async def find_or_begin(channels: Channels, name: str, *, new: bool) -> Channel:
    """The channel of this name, or a new one of one's own. Raises UnknownChannel."""
    known = [state.channel for state in await channels.all()]
    if parse_name(name).platform != OWN[0]:
        return find_among(name, known)
    return choose_or_begin(name, known, new=new)


def choose_or_begin(name: str, known: Sequence[Channel], *, new: bool) -> Channel:
    """The channel of this name, or a new one, unless the name looks like a slip of the hand.

    Then it asks at a terminal; elsewhere only `new` begins one. Raises UnknownChannel.
    """
    found = matching(name, known)
    if len(found) == 1:
        return found[0]
    own = parse_name(name)
    if new:
        return own
    if found:
        raise UnknownChannel(reason=_several(name, found))
    if not (near := [one for one in close(name, known) if not _counted_on(name, one)]):
        return own
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        reason = f"{_unknown(name, near)} --new begins a channel of this name."
        raise UnknownChannel(reason=reason)
    meant = ask(f"There is no channel {name!r}. Did you mean {label(near[0])}? (n: a new one)")
    return near[0] if meant else own


def ask(
    question: str, confirm: Callable[..., bool] = typer.confirm, *, default: bool = True
) -> bool:
    """Ask at the terminal; Ctrl-C is heard at once, although a loop runs."""
    with interruptible():
        return confirm(question, default=default)


def fold(name: str) -> str:
    """A name without the differences that nobody types."""
    return normalize("NFKC", name).casefold()


def _exact_spellings(channel: Channel) -> set[str]:
    return {exact_name(channel), f"{channel.platform}:{channel.workspace}/{channel.id}"}


def _plain_spellings(channel: Channel) -> set[str]:
    """By its plain name, its id, or either behind its platform; no person's direct messages."""
    plain = {channel.id} if channel.direct else {channel.id, channel.name} - {""}
    whole = {f"{channel.workspace}/{one}" for one in plain}
    return {*plain, *(f"{channel.platform}:{one}" for one in plain | whole)}


def _folded_spellings(channel: Channel) -> set[str]:
    return {fold(one) for one in _exact_spellings(channel) | _plain_spellings(channel)}


def _nearness(asked: str, channel: Channel) -> float:
    if _is_part(asked, channel):
        return WHOLLY
    return max(_alike(asked, one) for one in _folded_spellings(channel))


def _is_part(asked: str, channel: Channel) -> bool:
    """Whether it is the beginning of what people call a channel, or words of it."""
    called = channel.id if (channel.platform, channel.workspace) == OWN else channel.name
    if not called or (channel.direct and called != channel.id):
        return False
    known, words = fold(without_mark(called)), set(_WORD.findall(asked))
    begins = len(asked) >= SHORTEST_BEGINNING and known.startswith(asked)
    return begins or (bool(words) and words <= set(_WORD.findall(known)))


def _alike(one: str, other: str) -> float:
    if min(len(one), len(other)) > 2 and sorted(one) == sorted(other):
        return WHOLLY  # letters in another order, as in dve for dev
    return SequenceMatcher(a=one, b=other, autojunk=False).ratio()


def _counted_on(name: str, channel: Channel) -> bool:
    """Whether only digits tell them apart: team2 beside team1 is no slip."""
    letters = [re.sub(r"\d", "", fold(one)) for one in (without_mark(name), exact_name(channel))]
    return letters[0] == letters[1]


def _several(name: str, found: Sequence[Channel]) -> str:
    listed = ", ".join(clean(exact_name(one)) for one in found)
    return f"There are several channels {name!r}: {listed}. Name one of them so."


def _unknown(name: str, known: Sequence[Channel]) -> str:
    if near := close(name, known):
        return f"There is no channel {name!r}. Did you mean {' or '.join(map(label, near))}?"
    hint = "`nellie channels` lists what there is." if known else "Nothing is remembered yet."
    return f"There is no channel {name!r}. {hint}"
