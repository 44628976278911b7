"""What the examination finds of single channels: what is set there that cannot be done."""

from collections.abc import Iterable, Iterator

from bot.domain.errors import CommandError
from bot.domain.ports import Finding
from bot.memory.recurrence import Recurrence
from bot.store.channels import LONGEST_RETENTION
from bot.store.diagnostics import ChannelDiagnostics
from bot.text.plurals import counted

LISTED = 10  # findings about channels; of more, their number


def examine_channels(channels: Iterable[ChannelDiagnostics]) -> Iterator[Finding]:
    """Every channel in which something cannot be done, the worst of them."""
    found = [finding for one in channels for finding in _examine(one)]
    yield from found[:LISTED]
    if len(found) > LISTED:
        what = f"{counted(len(found) - LISTED, 'more finding')} of this kind, in other channels"
        yield Finding("channels", "wrong", what, "mend the above, then look again")
    if not found:
        yield Finding("channels", "ok", "no digest, retention or compaction is stuck")


def _examine(channel: ChannelDiagnostics) -> Iterator[Finding]:
    label = f"channel {channel.platform}:{channel.name or channel.external_id}"
    if channel.rhythm and not _is_understood(channel.rhythm):
        what = f"its digest is set to “{channel.rhythm}”, which is not understood: none is posted"
        mend = "say /digest there with a time zone that is known, or /digest off"
        yield Finding(label, "wrong", what, mend)
    if channel.retention is not None and not 0 <= channel.retention <= LONGEST_RETENTION:
        what = f"its retention is {channel.retention:,} days"
        mend = "say /memory retention there, with a number of days, off or default"
        yield Finding(label, "wrong", what, mend)
    if channel.failures:
        what = f"its compaction has failed {counted(channel.failures, 'time')} in a row"
        mend = "compaction_failed in the log says why; a model that writes summaries well helps"
        yield Finding(label, "note", what, mend)


def _is_understood(rhythm: str) -> bool:
    try:
        Recurrence.parse(rhythm)
    except CommandError:
        return False
    return True
