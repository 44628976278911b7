"""Commands, the same on every platform: what a person may ask of Nellie besides an answer."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from bot.context import line
from bot.conversation import Command, Message, Reply
from bot.errors import CommandError, NotAllowed
from bot.limits import Limits
from bot.memory.catchup import Catchup
from bot.memory.compaction import Compaction
from bot.memory.forgetting import Forgetting
from bot.memory.recall import Recall
from bot.memory.rhythm import Rhythm
from bot.settings import Settings
from bot.store.channels import Channels, ChannelState
from bot.store.messages import Messages
from bot.store.schedules import Schedules
from bot.store.summaries import Summaries
from bot.store.usage import UsageLog
from bot.text import clean, defuse

FOUND = 10  # messages that /memory search shows
LOGGED = 10  # compactions that /memory log shows
EXPORTED = 100_000  # messages that go out in one attachment
PERSONA = 2_000  # characters of a channel's persona

HELP = {
    "catchup": "what happened since you last spoke; or /catchup 2h, 3d, today, yesterday",
    "digest [daily 09:00 ZONE|off]": "post what was said, with links, unless all was silent",
    "memory show": "what I remember of this channel",
    "memory search WORDS": "find what was said",
    "memory forget me|person NAME|NUMBER|WORDS|all": "forget messages (asks first)",
    "memory optout [off]": "remember nothing more that you say here (or remember again)",
    "memory retention [DAYS|off]": "how long messages are remembered here",
    "memory log": "when I summarized what, and what it cost",
    "memory rebuild": "make all summaries again",
    "memory export": "everything I remember here, as a file",
    "persona show|set TEXT|clear": "who I am in this channel",
    "model show|set NAME": "which language model answers here",
    "usage": "tokens used in this channel",
    "help": "this list",
}

_SURE = re.compile(r"yes-(\d{1,18})")  # with the number of messages that were at stake
Handler = Callable[[Command, ChannelState], Awaitable[Reply]]


@dataclass(frozen=True, slots=True)
class Commands:
    """Every command, with what it needs."""

    settings: Settings
    channels: Channels
    messages: Messages
    summaries: Summaries
    usage: UsageLog
    recall: Recall
    compaction: Compaction
    catchup: Catchup
    forgetting: Forgetting
    schedules: Schedules
    export: Callable[[Message], str]
    limits: Limits

    async def run(self, command: Command) -> Reply:
        """Carry out a command. Raises CommandError and NotAllowed, whose texts are for people."""
        command = replace(command, arguments=clean(command.arguments))
        handler = self._handler(command)
        state = await self.channels.state(await self.channels.id(command.channel))
        reply = await handler(command, state)
        return replace(reply, text=defuse(reply.text))

    def _handler(self, command: Command) -> Handler:
        word = command.arguments.partition(" ")[0].lower()
        table: dict[str, Handler] = {
            "help": self._help,
            "catchup": self._catchup,
            "usage": self._usage,
            "digest": self._digest,
            "memory": self._show,
            "memory show": self._show,
            "memory search": self._search,
            "memory forget": self._forget,
            "memory optout": self._optout,
            "memory log": self._log,
            "memory rebuild": self._rebuild,
            "memory retention": self._retention,
            "memory export": self._export,
            "persona": self._persona,
            "persona show": self._persona,
            "persona set": self._set_persona,
            "persona clear": self._clear_persona,
            "model": self._model,
            "model show": self._model,
            "model set": self._set_model,
        }
        whole = command.name in {"help", "catchup", "digest", "usage"} or not word
        handler = table.get(command.name if whole else f"{command.name} {word}")
        if handler is None:
            said = defuse(f"/{command.name} {word[:40]}".strip())
            raise CommandError(reason=f"I do not know {said}. /help lists what I do know.")
        return handler

    async def _help(self, command: Command, state: ChannelState) -> Reply:
        width = max(map(len, HELP)) + 2
        lines = [f"/{usage:<{width}}{what}" for usage, what in HELP.items()]
        return Reply("\n".join(lines))

    async def _catchup(self, command: Command, state: ChannelState) -> Reply:
        return Reply(await self.catchup.since(state, command.person.id, command.arguments))

    async def _digest(self, command: Command, state: ChannelState) -> Reply:
        asked = command.arguments.strip()
        if not asked:
            return Reply(await self._rhythm(state))
        self._need_rights(command)
        if asked.lower() == "off":
            gone = await self.schedules.remove(state.id)
            return Reply("No more digests here." if gone else "There were none.", private=not gone)
        rhythm = Rhythm.parse(asked)
        await self.schedules.set(state.id, str(rhythm), rhythm.after(datetime.now(UTC)))
        return Reply(await self._rhythm(state), private=False)

    async def _rhythm(self, state: ChannelState) -> str:
        found = await self.schedules.get(state.id)
        if found is None:
            return "No digest is posted here. For example: /digest daily 09:00 Europe/Berlin."
        rhythm, next_at = found
        return f"A digest is posted here {rhythm}, next at {next_at:%Y-%m-%d %H:%M} UTC."

    async def _show(self, command: Command, state: ChannelState) -> Reply:
        count = await self.messages.count(state.id)
        if not count:
            return Reply("I remember nothing here yet.")
        made = await self.summaries.segments(state.id)
        digest = await self.summaries.digest(state.id)
        first = await self.messages.first(state.channel, state.id)
        since = f", since {first.at:%Y-%m-%d %H:%M}" if first else ""
        lines = [f"I remember {_counted(count, 'message')} here{since}."]
        if made:
            lines.append(
                f"Older ones are summarized in {_counted(len(made), 'block')}: /memory log."
            )
        if await self.channels.opted_out(state.id, command.person.id):
            lines.append("I remember nothing that you say here: you opted out.")
        if digest:
            lines += ["", "In short:", digest]
        return Reply("\n".join(lines))

    async def _search(self, command: Command, state: ChannelState) -> Reply:
        words = _rest(command)
        if not words:
            raise CommandError(reason="Search for what? For example /memory search backup disk.")
        found = await self.recall.search.words(state.channel, state.id, words, limit=FOUND)
        if not found:
            return Reply(f"I remember nothing with “{words[:80]}”.")
        lines = [f"#{message.seq} {line(message, 120)} {message.link}".strip() for message in found]
        return Reply("\n".join(lines))

    async def _forget(self, command: Command, state: ChannelState) -> Reply:
        what, _, sure = _rest(command).rpartition(" ")
        confirmed = _SURE.fullmatch(sure)
        what = what.strip() if confirmed else _rest(command)
        plan = await self.forgetting.plan(state, command.person, what, may=self._may(command))
        if not plan.seqs:
            return Reply(f"There is nothing to forget: I remember no messages {plan.what}.")
        found = _counted(len(plan.seqs), "message")
        if not confirmed or int(confirmed[1]) != len(plan.seqs):  # forgets only what it has shown
            text = f"This forgets {found} {plan.what}, for good. Sure?"
            return Reply(text, confirm=f"forget {what} yes-{len(plan.seqs)}")
        count = await self.forgetting.carry_out(state, plan)
        return Reply(f"Forgotten: {_counted(count, 'message')} {plan.what}.")

    async def _optout(self, command: Command, state: ChannelState) -> Reply:
        back = _rest(command).lower() in {"off", "no", "undo"}
        await self.channels.opt(state.id, command.person.id, out=not back)
        if back:
            return Reply("From now on I remember again what you say here.")
        return Reply(
            "From now on I remember nothing that you say here. I still answer you."
            " What you said before stays until /memory forget me; /memory optout off undoes this."
        )

    async def _log(self, command: Command, state: ChannelState) -> Reply:
        lines = [
            f"{one.at:%Y-%m-%d %H:%M}  #{one.first}-#{one.last}:"
            f" {_counted(one.messages, 'message')},"
            f" {one.tokens_before:,} -> {one.tokens_after:,} tokens, {one.model}"
            f"{f', {one.flagged} made up and left out' if one.flagged else ''}"
            f"{' (rebuilt)' if one.rebuilt else ''}"
            for one in await self.summaries.ledger(state.id, limit=LOGGED)
        ]
        return Reply("\n".join(lines) or "I have summarized nothing here yet.")

    async def _rebuild(self, command: Command, state: ChannelState) -> Reply:
        self._need_rights(command)
        count = await self.summaries.doubt(state.id)
        if not count:
            return Reply("I have summarized nothing here yet.")
        return Reply(
            f"I make {_counted(count, 'summary', 'summaries')} here again from the messages, one"
            " after the other; until that is done, none of them is shown or used."
            " No message is lost. /memory log tells what is done."
        )

    async def _retention(self, command: Command, state: ChannelState) -> Reply:
        asked = _rest(command).lower().removesuffix("days").strip().removesuffix("d")
        if asked:
            self._need_rights(command)
            known = {"off": 0, "forever": 0, "default": None}
            if asked not in known and not (asked.isdecimal() and 0 < int(asked[:9]) <= 36_500):
                raise CommandError(reason="For how long? For example /memory retention 90, or off.")
            days = known[asked] if asked in known else int(asked)
            await self.channels.retain(state.id, days)
        own = await self.channels.retention(state.id)
        kept = self.settings.retention if own is None else own
        said = f"for {_counted(kept, 'day')}, then forgotten for good" if kept else "for ever"
        rule = " (the general rule)" if own is None else ""
        return Reply(f"What is said here is remembered {said}{rule}.", private=not asked)

    async def _export(self, command: Command, state: ChannelState) -> Reply:
        self._need_rights(command)
        count = await self.messages.count(state.id)
        if count > EXPORTED:
            raise CommandError(
                reason=f"{count:,} messages are too many for a file here: use `nellie export`."
            )
        walk = self.messages.walk(state.channel, state.id)
        lines = [self.export(message) async for message in walk]
        return Reply(f"{_counted(len(lines), 'message')}.", attachment="\n".join([*lines, ""]))

    async def _persona(self, command: Command, state: ChannelState) -> Reply:
        return Reply(state.persona or f"{self.settings.persona} (the general one)")

    async def _set_persona(self, command: Command, state: ChannelState) -> Reply:
        self._need_rights(command)
        text = _rest(command)
        if not text or len(text) > PERSONA:
            raise CommandError(reason=f"A persona has 1 to {PERSONA:,} characters.")
        await self.channels.set(state.id, column="persona", value=text)
        return Reply("That is who I am here now.", private=False)

    async def _clear_persona(self, command: Command, state: ChannelState) -> Reply:
        self._need_rights(command)
        await self.channels.set(state.id, column="persona", value=None)
        return Reply("I am my general self here again.", private=False)

    async def _model(self, command: Command, state: ChannelState) -> Reply:
        now = state.model or ", then ".join(self.settings.model)
        return Reply(f"Answering here: {now}. To choose from: {', '.join(self.settings.choices)}.")

    async def _set_model(self, command: Command, state: ChannelState) -> Reply:
        self._need_rights(command)
        name = _rest(command)
        if name not in self.settings.choices:
            known = ", ".join(self.settings.choices)
            raise CommandError(reason=f"Choose one of: {known} (NELLIE_MODELS lists them).")
        await self.channels.set(state.id, column="model", value=name)
        return Reply(f"From now on {name} answers here.", private=False)

    async def _usage(self, command: Command, state: ChannelState) -> Reply:
        today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        parts = []
        for title, start in (("Today (UTC)", today), ("30 days", today - timedelta(days=30))):
            rows = await self.usage.since(state.id, start)
            parts.append(f"{title}:" + ("" if rows else " nothing"))
            for purpose, model, calls, given, cached, output in rows:
                share = f" ({cached / given:.0%} cached)" if cached is not None and given else ""
                parts.append(
                    f"  {purpose}, {model}: {_counted(calls, 'call')}, {given:,} tokens in{share},"
                    f" {output:,} out{self.limits.priced(model, given, cached or 0, output)}"
                )
        budgets = await self.limits.budgets(state.id, command.person.id)
        parts += [f"Left today of {one.whose.lower()} {one}: {one.left}" for one in budgets]
        return Reply("\n".join(parts))

    def _may(self, command: Command) -> bool:
        mine = command.person.id in self.settings.admins
        return command.admin or command.channel.direct or mine

    def _need_rights(self, command: Command) -> None:
        if not self._may(command):
            raise NotAllowed(who="people with rights over this channel (or in NELLIE_ADMINS)")


def _counted(count: int, one: str, more: str = "") -> str:
    return f"{count:,} {one if count == 1 else more or f'{one}s'}"


def _rest(command: Command) -> str:
    """What follows the second word."""
    return command.arguments.partition(" ")[2].strip()
