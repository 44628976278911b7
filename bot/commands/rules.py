"""/rules: what messages are labelled by as they arrive, whom that is told, and its recaps."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Self

from bot.commands.about import only_quotes
from bot.commands.forgetting import split_confirmation
from bot.commands.request import Request
from bot.commands.rule_lines import describe_rule, rule_line
from bot.domain.errors import CommandError
from bot.domain.model import Reply
from bot.domain.pings import Ping
from bot.memory.recurrence import Recurrence, describe_next
from bot.store.channels import Channels
from bot.store.label_sets import LabelSets
from bot.store.rules import MOST_A_DAY, MOST_RULES, Rule, Rules
from bot.store.stores import Stores
from bot.tasks.labels import find_label, parse_labels
from bot.text.plurals import counted
from bot.text.quoted import unquoted
from bot.text.words import split_word

LARGEST = 100_000  # messages a day
SHOWN = 40  # characters of an unknown word that the error quotes
NONE_YET = (
    "There are no rules here. A rule labels every message as it arrives:"
    " /rules add triage: bug, praise, outage"
)
HOW_TO_ADD = "Give it a name of one word, and labels: /rules add triage: bug, praise, outage"
HOW_TO_TELL = "Whom of which label? For example /rules tell triage outage @oncall, or off."
NO_PING = (
    "Pick the person or the group from what comes up as you type @, so that it becomes a mention."
    " At a terminal nothing comes up: that needs Slack or Discord."
    " Everybody at once (@everyone, @here, @channel) is never pinged."
)
OPTED_OUT = "{whom} has opted out here, so I tell them nothing."
NEEDS_MODEL = " But labels need a language model, and here I only quote: it waits until I have one."
_NAME = re.compile(r"[\w-]{1,40}")
_NEW = re.compile(r"(?P<name>[^\s:]+)\s*:\s*(?P<labels>.*)", re.DOTALL)
_TOLD = re.compile(r"(?P<label>.+?)\s+(?P<whom><@[^<>]*>|off|\S+)", re.DOTALL | re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesCommands:
    """Lists, makes, changes and removes the rules of a channel."""

    channels: Channels
    rules: Rules
    label_sets: LabelSets
    default: Sequence[str]
    """The models tried in order where a channel has not chosen one."""

    @classmethod
    def on(cls, stores: Stores, models: Sequence[str]) -> Self:
        """On the stores of a replica."""
        return cls(
            channels=stores.channels,
            rules=stores.rules,
            label_sets=stores.label_sets,
            default=models,
        )

    async def list(self, request: Request) -> Reply:
        """Every rule in a line."""
        found = await self.rules.all(request.state.id)
        if not found:
            return Reply(NONE_YET)
        return Reply("\n".join(map(rule_line, found)))

    async def show(self, request: Request) -> Reply:
        """All of one rule: what it found, whom it tells, and what is left to do."""
        rule = await self._find(request, request.rest)
        midnight = datetime.combine(datetime.now(UTC).date(), time(), UTC)
        text = describe_rule(
            rule,
            await self.rules.counts(rule, midnight),
            await self.rules.pings(rule),
            await self.rules.waiting(rule),
        )
        return Reply(text)

    async def add(self, request: Request) -> Reply:
        """Label what is said from now on."""
        request.require_rights()
        found = _NEW.fullmatch(request.rest)
        if not found or not _NAME.fullmatch(found["name"]):
            raise CommandError(reason=HOW_TO_ADD)
        name, written = found["name"].lower(), found["labels"].strip()
        channel_id = await self.channels.id(request.state.channel)
        kept = await self.label_sets.find(channel_id, written.lower()) if written else None
        labels = kept.labels if kept else parse_labels(written, not_kept=True)
        rule = await self.rules.add(channel_id, name, labels, label_set=kept.name if kept else "")
        if rule is None:
            raise CommandError(reason=await self._why_not(channel_id, name))
        text = (
            f"From now on I label every message here as {', '.join(labels)}, at most"
            f" {MOST_A_DAY:,} a day. /rules show {name} tells what I found. Next:"
            f" /rules tell {name} {labels[-1]} @somebody, or /rules recap {name} weekly friday"
            " 16:00."
        )
        models = [request.state.model] if request.state.model else self.default
        text += NEEDS_MODEL if only_quotes(models) else ""
        return Reply(text, private=False, noted=f"rule {rule.id}, {counted(len(labels), 'label')}")

    async def recap(self, request: Request) -> Reply:
        """Post counts by the clock, or no more."""
        request.require_rights()
        name, when = split_word(request.rest)
        rule = await self._find(request, name)
        if when.lower() == "off":
            await self.rules.set_recap(rule, None, None)
            return Reply(f"No more recaps of {rule.name}.", private=False, noted="recap off")
        recurrence = Recurrence.parse(when, f"/rules recap {rule.name}")
        next_at = recurrence.next_after(datetime.now(UTC))
        await self.rules.set_recap(rule, str(recurrence), next_at)
        text = (
            f"A recap of {rule.name} is posted here {describe_next(str(recurrence), next_at)};"
            " where nothing was labelled, none."
        )
        return Reply(text, private=False, noted=f"recap of rule {rule.id} {recurrence}")

    async def tell(self, request: Request) -> Reply:
        """Tell somebody of a label, or nobody any more."""
        request.require_rights()
        name, rest = split_word(request.rest)
        rule = await self._find(request, name)
        found = _TOLD.fullmatch(rest)
        if not found:
            raise CommandError(reason=HOW_TO_TELL)
        if found["whom"].lower() == "off":
            return await self._tell_nobody(rule, found["label"])
        label = _label_of(rule, rule.labels, found["label"])
        ping = Ping.read(found["whom"])
        if ping is None:
            raise CommandError(reason=NO_PING)
        if not await self.rules.tell(rule, label, ping):
            raise CommandError(reason=OPTED_OUT.format(whom=ping.shown))
        text = (
            f"I tell {ping.shown} here when {rule.name} says {label}: at most five times an hour,"
            " what is more is summed up."
        )
        return Reply(text, private=False, noted=f"rule {rule.id} tells a {ping.kind}")

    async def _tell_nobody(self, rule: Rule, written: str) -> Reply:
        """Also of what is a label of it no more."""
        told = tuple(await self.rules.pings(rule))
        label = _label_of(rule, (*told, *rule.labels), written)
        if label not in told:
            return Reply("Nobody was told of it.")
        await self.rules.tell_nobody(rule, label)
        text = f"Nobody is told of {label} any more."
        return Reply(text, private=False, noted=f"rule {rule.id} tells nobody")

    async def limit(self, request: Request) -> Reply:
        """Label at most so many messages a day."""
        request.require_rights()
        name, number = split_word(request.rest)
        rule = await self._find(request, name)
        plain = number.replace(",", "")
        is_number = plain.isascii() and plain.isdecimal() and len(plain) < 9
        if not is_number or not 0 < int(plain) <= LARGEST:
            raise CommandError(
                reason=f"How many messages a day, from 1 to {LARGEST:,}?"
                f" For example /rules limit {rule.name} {MOST_A_DAY}"
            )
        await self.rules.set_most(rule, int(plain))
        what = f"{counted(int(plain), 'message')} a day"
        return Reply(f"{rule.name} labels at most {what}.", private=False, noted=what)

    async def switch_off(self, request: Request) -> Reply:
        """Label nothing more for now."""
        return await self._switch(request, on=False)

    async def switch_on(self, request: Request) -> Reply:
        """Label what is said from now on."""
        return await self._switch(request, on=True)

    async def remove(self, request: Request) -> Reply:
        """Say what goes, and ask; once it is confirmed, forget a rule with its counts."""
        request.require_rights()
        name, confirmed = split_confirmation(request.rest)
        rule = await self._find(request, name)
        total = sum(one.total for one in await self.rules.counts(rule, rule.since))
        if confirmed is None:
            text = f"This forgets {rule.name} and its {counted(total, 'label')} of messages. Sure?"
            return Reply(text, confirm=f"remove {rule.name} yes-{total}")
        await self.rules.remove(rule)
        return Reply(f"{rule.name} is gone.", private=False, noted=f"rule {rule.id}")

    async def _switch(self, request: Request, *, on: bool) -> Reply:
        request.require_rights()
        rule = await self._find(request, request.rest)
        await self.rules.switch(rule, on=on)
        text = (
            f"{rule.name} labels what is said from now on."
            if on
            else f"{rule.name} labels nothing, tells nobody and posts no recap until"
            f" /rules on {rule.name}. What is said until then is never labelled."
        )
        return Reply(text, private=False, noted=f"rule {rule.id} {'on' if on else 'off'}")

    async def _find(self, request: Request, name: str) -> Rule:
        """The rule of this name. Raises CommandError."""
        name = name.strip().removesuffix(":").lower()
        rule = await self.rules.find(request.state.id, name) if name else None
        if rule is None:
            which = f"no rule {name[:SHOWN]} here" if name else "more rules than you named"
            raise CommandError(reason=f"There is {which}. /rules list has their names.")
        return rule

    async def _why_not(self, channel_id: int, name: str) -> str:
        if await self.rules.find(channel_id, name):
            return f"There is a rule {name} here already. /rules remove {name} forgets it."
        return f"A channel has at most {MOST_RULES} rules. /rules remove NAME makes room."


def _label_of(rule: Rule, labels: tuple[str, ...], written: str) -> str:
    """The label of these, however it is written. Raises CommandError."""
    label = find_label(labels, unquoted(written))
    if label is None:
        raise CommandError(
            reason=f"{rule.name} knows no label “{written[:SHOWN]}”, but {', '.join(rule.labels)}."
        )
    return label
