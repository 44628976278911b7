"""/memory forget, optout, retention: what is forgotten, not remembered, or kept for a time."""

import re
from dataclasses import dataclass

from bot.commands.request import Request
from bot.domain.errors import CommandError
from bot.domain.model import Reply
from bot.memory.forget_plan import ForgetPlan
from bot.memory.forgetting import Forgetting
from bot.store.channels import LONGEST_RETENTION, Channels
from bot.store.message_edits import Weight
from bot.text.plurals import counted

_CONFIRMATION = re.compile(r"yes-(\d{1,18})")  # with the number of messages that it was shown for
_A_FEW = 3  # messages more or less than were shown, which make it no other request
_DAYS = re.compile(r"(?P<days>\d{1,18})\s*(?:d|days?)?")
NOT_LATER = "What was said before now will not be read in later either."
_RETENTION_WORDS = {"off": 0, "forever": 0, "default": None}


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgettingCommands:
    """Forgets messages, opts people out, and sets how long messages are kept."""

    forgetting: Forgetting
    channels: Channels
    default_retention: int
    """Days that messages are kept where the channel does not say; 0 for ever."""

    async def forget(self, request: Request) -> Reply:
        """Ask for a confirmation; once it is given, forget the messages."""
        what, shown = split_confirmation(request.rest)
        plan = await self.forgetting.plan(
            request.state, request.person, what, has_rights=request.privileged
        )
        weight = await self.forgetting.weigh(request.state, plan)
        if not (plan.seqs or plan.others or weight.documents or weight.examples):
            nothing = f"There is nothing to forget: I remember no messages {plan.description}."
            kept_out = await self.forgetting.keep_out(request.state, plan)
            return Reply(f"{nothing} {NOT_LATER}" if kept_out else nothing, noted="nothing")
        if _must_ask(plan, shown):
            confirm = f"forget {plan.confirm or what} yes-{len(plan.seqs)}"
            return Reply(ask_whether(plan, weight, shown=shown), confirm=confirm)
        count = await self.forgetting.carry_out(request.state, plan)
        gone = listed(count, weight.documents)
        return Reply(f"Forgotten: {gone} {plan.description}.", noted=gone)

    async def opt_out(self, request: Request) -> Reply:
        """Remember nothing more of what the person says here, or remember it again."""
        undo = request.rest.lower() in {"off", "no", "undo"}
        if undo:
            await self.channels.set_opt_out(request.state.id, request.person.id, out=False)
            return Reply("From now on I remember again what you say here.")
        channel_id = await self.channels.id(request.state.channel)
        traces = self.forgetting.api_traces
        of_api = await traces.count(request.person.id, request.state.channel.platform)
        await self.channels.set_opt_out(channel_id, request.person.id, out=True)
        said = len(await self.forgetting.messages.seqs_of_author(channel_id, request.person.id))
        before = (
            f"What you said before ({counted(said, 'message')}) stays"
            if said
            else ("What you said before stays")
        )
        return Reply(
            "From now on I remember nothing that you say here. I still answer you."
            f" {before} until /memory forget me; /memory optout off undoes this."
            f"{_ended(of_api.keys)}"
        )

    async def retention(self, request: Request) -> Reply:
        """Show how long messages are kept; with an argument, set it, once it is sure."""
        asked, shown = split_confirmation(request.rest.lower())
        if asked:
            request.require_rights()
            days = _parse_days(asked)
            kept = self.default_retention if days is None else days
            plan = await self.forgetting.plan_older(request.state, kept)
            if plan.seqs and _must_ask(plan, shown):
                weight = await self.forgetting.weigh(request.state, plan)
                confirm = f"retention {asked} yes-{len(plan.seqs)}"
                return Reply(ask_whether(plan, weight, shown=shown), confirm=confirm)
            channel_id = await self.channels.id(request.state.channel)
            await self.channels.set_retention(channel_id, days)
        return Reply(await self._rule(request, asked=asked), private=not asked, noted=asked)

    async def _rule(self, request: Request, *, asked: str) -> str:
        """How long messages are kept here, as it is now."""
        channel_id = await self.channels.id(request.state.channel) if asked else request.state.id
        own = await self.channels.retention(channel_id)
        days = self.default_retention if own is None else own
        kept = f"for {counted(days, 'day')}, then forgotten for good" if days else "for ever"
        rule = " (the general rule)" if own is None else ""
        return f"What is said here is remembered {kept}{rule}."


def _ended(keys: int) -> str:
    return f" {counted(keys, 'key')} of yours for the API ended with it." if keys else ""


def split_confirmation(rest: str) -> tuple[str, int | None]:
    """What is to be forgotten, and the number of messages, or files, for which it was confirmed."""
    *_, last = rest.split() or [""]
    confirmed = _CONFIRMATION.fullmatch(last)
    return (rest.removesuffix(last).strip(), int(confirmed[1])) if confirmed else (rest, None)


def _must_ask(plan: ForgetPlan, shown: int | None) -> bool:
    """Whether it was not shown yet, or is by now far more, or less, than what was shown."""
    if shown is None:
        return True
    return abs(len(plan.seqs) - shown) > max(_A_FEW, shown // 10)


def ask_whether(plan: ForgetPlan, weight: Weight, *, shown: int | None = None) -> str:
    """What would be forgotten, since when and with what, and whether that is meant."""
    now = listed(len(plan.seqs), weight.documents)
    changed = "" if shown is None else f"That has changed since I asked: it was {shown:,}. "
    if plan.seqs or weight.documents or weight.examples:
        oldest = f", the oldest of {weight.first:%Y-%m-%d}" if weight.first else ""
        parts = [
            counted(weight.answers, "answer of mine", "answers of mine") if weight.answers else "",
            counted(weight.summaries, "summary", "summaries") if weight.summaries else "",
            counted(weight.examples, "example") + " of labels" if weight.examples else "",
            counted(plan.others, "other place") + " with the author's id" if plan.others else "",
        ]
        along = " and ".join(filter(None, parts))
        along = f", with {along}" if along else ""
        return f"{changed}This forgets {now} {plan.description}{oldest}{along}, for good. Sure?"
    places = counted(plan.others, "other place")
    return (
        f"{changed}I remember no messages {plan.description}, but their author's id stands in"
        f" {places}, such as what an answer cost. This takes it out, for good. Sure?"
    )


def listed(messages: int, documents: int) -> str:
    """ "3 messages, 1 document"; of none, no word, but of nothing at all."""
    parts = [counted(messages, "message")] if messages or not documents else []
    return ", ".join([*parts, counted(documents, "document")] if documents else parts)


def _parse_days(asked: str) -> int | None:
    """The days that an argument means: 0 for ever, None for the general rule."""
    if asked in _RETENTION_WORDS:
        return _RETENTION_WORDS[asked]
    found = _DAYS.fullmatch(asked)
    if found and 0 < int(found["days"]) <= LONGEST_RETENTION:
        return int(found["days"])
    raise CommandError(
        reason=f"For how long? For example /memory retention 90 (days, {LONGEST_RETENTION:,} at"
        " most), off (for ever), or default."
    )
