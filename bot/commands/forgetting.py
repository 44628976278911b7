"""/memory forget, optout, retention: what is forgotten, not remembered, or kept for a time."""

import re
from dataclasses import dataclass

from bot.commands.request import Request
from bot.domain.errors import CommandError
from bot.domain.model import Reply
from bot.memory.forgetting import ForgetPlan, Forgetting
from bot.store.channels import LONGEST_RETENTION, Channels
from bot.text.plurals import counted

_CONFIRMATION = re.compile(r"yes-(\d{1,18})")  # with the number of messages that it was shown for
_DAYS = re.compile(r"(?P<days>\d{1,18})\s*(?:d|days?)?")
_NOT_LATER = "What was said before now will not be read in later either."
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
        *_, last = request.rest.split() or [""]
        confirmed = _CONFIRMATION.fullmatch(last)
        what = request.rest.removesuffix(last).strip() if confirmed else request.rest
        plan = await self.forgetting.plan(
            request.state, request.person, what, has_rights=request.privileged
        )
        if not (plan.seqs or plan.others):
            nothing = f"There is nothing to forget: I remember no messages {plan.description}."
            kept_out = await self.forgetting.keep_out(request.state, plan)
            return Reply(f"{nothing} {_NOT_LATER}" if kept_out else nothing)
        if not confirmed or int(confirmed[1]) != len(plan.seqs):  # forgets only what it has shown
            confirm = f"forget {plan.confirm or what} yes-{len(plan.seqs)}"
            return Reply(_ask_whether(plan), confirm=confirm)
        count = await self.forgetting.carry_out(request.state, plan)
        return Reply(f"Forgotten: {counted(count, 'message')} {plan.description}.")

    async def opt_out(self, request: Request) -> Reply:
        """Remember nothing more of what the person says here, or remember it again."""
        undo = request.rest.lower() in {"off", "no", "undo"}
        if undo:
            await self.channels.set_opt_out(request.state.id, request.person.id, out=False)
            return Reply("From now on I remember again what you say here.")
        channel_id = await self.channels.id(request.state.channel)
        await self.channels.set_opt_out(channel_id, request.person.id, out=True)
        return Reply(
            "From now on I remember nothing that you say here. I still answer you."
            " What you said before stays until /memory forget me; /memory optout off undoes this."
        )

    async def retention(self, request: Request) -> Reply:
        """Show how long messages are kept; with an argument, set it."""
        asked, channel_id = request.rest.lower(), request.state.id
        if asked:
            request.require_rights()
            days = _parse_days(asked)
            channel_id = await self.channels.id(request.state.channel)
            await self.channels.set_retention(channel_id, days)
        own = await self.channels.retention(channel_id)
        days = self.default_retention if own is None else own
        kept = f"for {counted(days, 'day')}, then forgotten for good" if days else "for ever"
        rule = " (the general rule)" if own is None else ""
        return Reply(f"What is said here is remembered {kept}{rule}.", private=not asked)


def _ask_whether(plan: ForgetPlan) -> str:
    found = counted(len(plan.seqs), "message")
    if plan.seqs:
        return f"This forgets {found} {plan.description}, for good. Sure?"
    places = counted(plan.others, "other place")
    return (
        f"I remember no messages {plan.description}, but their author's id stands in {places}, such"
        " as what an answer cost. This takes it out, for good. Sure?"
    )


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
