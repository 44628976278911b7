"""What rules post: fixed texts of ours, in which people's words are short quotes; pure."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from bot.store.rule_recaps import PeriodCount
from bot.store.rule_tells import Tell, ToldMessage
from bot.text.fences import flatten
from bot.text.names import plain_name
from bot.text.plurals import counted
from bot.text.sanitize import clean, defuse, show_hidden

QUOTE = 120  # characters of a message that are quoted
LINKS = 3  # of messages that are summed up
LATE = timedelta(minutes=10)  # from which on a post says when a message was said
BAR = 12  # blocks of the longest bar
NOT_SURE = "(unclear)"


def tell_text(tell: Tell, now: datetime) -> str:
    """What somebody is told. Only its first word may ping, and only where a platform lets it."""
    rest = _sum_up(tell) if tell.summed else _tell_one(tell, tell.messages[0], now)
    return f"{tell.ping.shown}: {defuse(rest)}"


def _tell_one(tell: Tell, message: ToldMessage, now: datetime) -> str:
    sure = f" ({message.confidence:.0%})".replace("%", " %") if message.confidence else ""
    head = f"{_plain(tell.rule)} says {_plain(tell.label)}{sure}"
    late = ""
    if now - message.said_at > LATE:
        late = f" It was said {message.said_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC."
    if message.edited:
        return f"{_with_link(head, message)}\n(It was edited since.){late}"
    return (
        f"{_with_link(head, message)}\n{plain_name(message.author)}: “{quote(message.text)}”{late}"
    )


def _with_link(head: str, message: ToldMessage) -> str:
    return f"{head}: {message.link}" if message.link else f"{head}."


def _sum_up(tell: Tell) -> str:
    count = len(tell.messages)
    links = [one.link for one in tell.messages if one.link][:LINKS]
    where = f": {' '.join(links)}" if links else "."
    more = f" and {count - len(links):,} more" if links and count > len(links) else ""
    what = counted(count, "more message")
    return f"{_plain(tell.rule)} says {_plain(tell.label)} of {what} in the last hour{where}{more}"


def recap_text(
    name: str,
    labels: Sequence[str],
    counts: Sequence[PeriodCount],
    links: Mapping[str, Sequence[str]],
    since: datetime,
    *,
    compared: bool,
    waiting: int = 0,
) -> str:
    """Counts by label, each with a bar and its change; empty where nothing was labelled.

    `compared`: there was a whole period before this one.
    """
    total = sum(one.lately for one in counts)
    if not total:
        return ""
    before = f" (before that: {sum(one.before for one in counts):,})" if compared else ""
    begin = f"{since.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    head = f"{_plain(name)}: {counted(total, 'message')} since {begin}{before}"
    by_label = {one.label: one for one in counts}
    shown = [*labels, *sorted(one for one in by_label if one and one not in labels)]
    rows = [by_label.get(label) or PeriodCount(label, 0, 0) for label in shown]
    rows.sort(key=lambda one: -one.lately)
    if None in by_label:
        rows.append(by_label[None])
    lines = ["```", *_table(rows, compared=compared), "```"]
    lines += [f"{_plain(label)}: {' '.join(found)}" for label, found in links.items()]
    if waiting:
        lines.append(f"{counted(waiting, 'message')} still to be labelled.")
    return defuse("\n".join([head, *lines]))


def _table(rows: Sequence[PeriodCount], *, compared: bool) -> list[str]:
    names = [NOT_SURE if one.label is None else _plain(one.label) for one in rows]
    width = max(map(len, names))
    most = max(one.lately for one in rows)
    digits = max(len(f"{one.lately:,}") for one in rows)
    return [
        f"{name:<{width}}  {one.lately:>{digits},}  {_bar(one.lately, most):<{BAR}}"
        f"{_change(one) if compared else ''}".rstrip()
        for name, one in zip(names, rows, strict=True)
    ]


def _bar(count: int, most: int) -> str:
    return "█" * max(round(BAR * count / most), 1 if count else 0)


def _change(count: PeriodCount) -> str:
    change = count.lately - count.before
    return f"  {change:+,}" if change else "  ="


def quote(text: str) -> str:
    """The beginning of somebody's words, in one line that shapes nothing around it."""
    return flatten(show_hidden(clean(text)), QUOTE).replace("](", "] (").replace("||", "| |")


def _plain(name: str) -> str:
    return flatten(name, QUOTE).replace("`", "'")
