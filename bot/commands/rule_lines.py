"""Rules as people read them; pure."""

from collections.abc import Mapping, Sequence

from bot.domain.pings import Ping
from bot.memory.recurrence import describe_next
from bot.store.rules import LabelCount, Rule
from bot.text.plurals import counted

NOT_SURE = "(unclear)"


def rule_line(rule: Rule) -> str:
    """A rule in the list."""
    off = "" if rule.enabled else " (off)"
    waits = f" It waits: {rule.trouble}" if rule.enabled and rule.trouble else ""
    recap = f"; recap {rule.recap}" if rule.recap else ""
    kept = f" (kept as {rule.label_set})" if rule.label_set else ""
    return f"{rule.name}{off}: {', '.join(rule.labels)}{kept}{recap}.{waits}"


def describe_rule(
    rule: Rule, counts: Sequence[LabelCount], pings: Mapping[str, Ping], waiting: int
) -> str:
    """All of one rule."""
    state = "on" if rule.enabled else "off"
    lines = [f"{rule.name} is {state}, for what was said since {rule.since:%Y-%m-%d %H:%M} UTC:"]
    lines += _count_lines(rule, counts)
    lines += [_told(rule, label, ping) for label, ping in pings.items()]
    if rule.recap and rule.recap_at:
        lines.append(f"A recap is posted {describe_next(rule.recap, rule.recap_at)}.")
    left = f" {counted(waiting, 'more message')} to be labelled." if waiting else ""
    lines.append(f"Today (UTC) {rule.today:,} of at most {counted(rule.most, 'message')}.{left}")
    if rule.passed:
        lines.append(f"Passed without a label, as they waited for two days: {rule.passed:,}.")
    if rule.enabled and rule.trouble:
        lines.append(f"It waits: {rule.trouble}")
    return "\n".join(lines)


def _told(rule: Rule, label: str, ping: Ping) -> str:
    gone = "" if label in rule.labels else " It is no label of the rule any more."
    return f"{label} is told to {ping.shown}.{gone}"


def _count_lines(rule: Rule, counts: Sequence[LabelCount]) -> list[str]:
    by_label = {one.label: one for one in counts}
    former = [one for one in by_label if one and one not in rule.labels]
    shown = [by_label.get(label) or LabelCount(label, 0, 0) for label in (*rule.labels, *former)]
    if None in by_label:
        shown.append(by_label[None])
    return [
        f"- {one.label or NOT_SURE}: {one.lately:,} today, {one.total:,} in all" for one in shown
    ]
