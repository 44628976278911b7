"""What `/memory forget` means: which messages, and who may."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self

import structlog

from bot.domain.errors import CommandError, DatabaseUnavailable, NotAllowed
from bot.domain.model import NELLIE, Author
from bot.language.intents.since import read_since
from bot.memory.forget_plan import ForgetPlan
from bot.memory.own_conversations import OwnConversations
from bot.store.api_calls import ApiCalls
from bot.store.api_traces import ApiTraces
from bot.store.channels import ChannelState
from bot.store.confirmations import Confirmations
from bot.store.continuations import Continuations
from bot.store.early_edits import EarlyEdits
from bot.store.file_edits import FileEdits
from bot.store.message_edits import MessageEdits, Weight
from bot.store.messages import Messages
from bot.store.person_traces import PersonTraces
from bot.store.removals import Removals
from bot.store.search import Search
from bot.store.stores import Stores
from bot.store.tool_log import ToolLog
from bot.store.uploads import Uploads
from bot.telemetry import metrics
from bot.text.mentions import format_mention, mentioned_id, split_mentions
from bot.text.plurals import counted

EXPIRY_BATCH = 500  # messages that expire in one transaction
EXPIRY_BATCHES = 40  # transactions in one go
REMOVALS = 100  # channels and threads that are forgotten in one go
LISTED_PEOPLE = 10  # of one name, at most

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgetting:
    """Forgetting on request. Everyone may take their own words back."""

    messages: Messages
    search: Search
    message_edits: MessageEdits
    person_traces: PersonTraces
    conversations: OwnConversations
    removals: Removals
    early_edits: EarlyEdits
    continuations: Continuations
    confirmations: Confirmations
    api_traces: ApiTraces
    api_calls: ApiCalls
    tool_log: ToolLog
    file_edits: FileEdits
    uploads: Uploads

    @classmethod
    def on(cls, stores: Stores) -> Self:
        """On the stores of a replica."""
        return cls(
            messages=stores.messages,
            search=stores.search,
            message_edits=stores.message_edits,
            person_traces=stores.person_traces,
            conversations=OwnConversations.on(stores),
            removals=stores.removals,
            early_edits=stores.early_edits,
            continuations=stores.continuations,
            confirmations=stores.confirmations,
            api_traces=stores.api_traces,
            api_calls=stores.api_calls,
            tool_log=stores.tool_log,
            file_edits=stores.file_edits,
            uploads=stores.uploads,
        )

    async def plan(
        self, state: ChannelState, person: Author, what: str, *, has_rights: bool
    ) -> ForgetPlan:
        """The messages that a request means. Raises CommandError and NotAllowed."""
        kind, *rest = what.split(maxsplit=1) or [""]
        kind, argument = kind.lower(), rest[0] if rest else ""
        word = (argument if kind == "message" else what).lstrip("#")
        if kind == "me" and not argument:
            return await self._plan_everything_of(state, person.id, "of yours", confirm="me")
        if word.isdecimal() and len(word) < 19:
            return await self._plan_message(state, person, int(word), has_rights=has_rights)
        if not what:
            raise CommandError(
                reason="Forget what? Say me, person NAME, words, a number (/memory search), or all."
            )
        if not has_rights:
            raise NotAllowed(who="people with rights over this channel (or in NELLIE_ADMINS)")
        if kind == "person" or mentioned_id(what):
            return await self._plan_person(state, argument if kind == "person" else what)
        return await self._plan_by_words(state, kind, argument, what)

    async def _plan_by_words(
        self, state: ChannelState, kind: str, argument: str, what: str
    ) -> ForgetPlan:
        """Everything, what was said since a time, or what holds some words."""
        if kind in {"all", "everything", "channel"} and not argument:
            seqs = await self.messages.all_seqs(state.id)
            return ForgetPlan(description="of everyone", seqs=seqs, everybody=True)
        if kind == "since" and (start := read_since(argument, datetime.now(UTC))):
            seqs = await self.messages.seqs_of_time(state.id, since=start)
            return ForgetPlan(description=f"since {start:%Y-%m-%d %H:%M} UTC", seqs=seqs)
        words = argument if kind == "topic" and argument else what
        if split_mentions(words)[0]:  # a name among the words would find another of that name
            raise CommandError(
                reason="Words or a person, not both: /memory forget person and a mention, or words"
                " without one."
            )
        seqs = await self.search.seqs_containing(state.id, words)
        return ForgetPlan(description=f"with “{words[:80]}”", seqs=seqs)

    async def _plan_person(self, state: ChannelState, who: str) -> ForgetPlan:
        """All that a person said: the one of this mention, id or name. An id goes before names."""
        mentioned = mentioned_id(who)
        id_or_name = mentioned or who.removeprefix("@")
        if not id_or_name:
            raise CommandError(reason="Forget whom? For example /memory forget person ana.")
        people = await self.messages.find_people(state.id, id_or_name)
        with_this_id = [entry for entry in people if entry[0].id == id_or_name]
        candidates = with_this_id or ([] if mentioned else people)
        if len(candidates) > 1:
            raise CommandError(reason=_explain_ambiguity(id_or_name, candidates))
        # Who said nothing may have asked in private, or rated an answer.
        id_, called = id_or_name, f"“{id_or_name[:80]}”"
        if candidates:
            person, _ = candidates[0]
            id_, called = person.id, f"{person.name} ({person.id})"
        confirm = f"person {format_mention(id_)}"
        return await self._plan_everything_of(state, id_, f"of {called}", confirm=confirm)

    async def _plan_everything_of(
        self, state: ChannelState, person_id: str, description: str, *, confirm: str
    ) -> ForgetPlan:
        if person_id == NELLIE.id:
            return ForgetPlan(description=description, seqs=[])
        found = await self.person_traces.count([state.id], person_id)
        of_api = await self.api_traces.count(person_id, state.channel.platform)
        own = await self.conversations.count(state.channel.platform, person_id)
        return ForgetPlan(
            description=description,
            seqs=await self.messages.seqs_of_author(state.id, person_id),
            person=person_id,
            others=sum(traces.others for traces in found) + sum(of_api) + own,
            confirm=confirm,
        )

    async def plan_older(self, state: ChannelState, days: int) -> ForgetPlan:
        """What a channel would forget that keeps messages for so many days; 0 keeps all."""
        until = datetime.now(UTC) - timedelta(days=days)
        seqs = await self.messages.seqs_of_time(state.id, until=until) if days else []
        return ForgetPlan(description=f"older than {counted(days, 'day')}", seqs=seqs)

    async def weigh(self, state: ChannelState, plan: ForgetPlan) -> Weight:
        """What would go with the messages of a plan."""
        return await self.message_edits.weigh(
            state.id, plan.seqs, person=plan.person, everybody=plan.everybody
        )

    async def carry_out(self, state: ChannelState, plan: ForgetPlan) -> int:
        """Forget these messages and all that rests on them; returns how many were still there."""
        if plan.person:
            platform = state.channel.platform
            await self.api_traces.forget(plan.person, platform)
            count = await self.conversations.forget(platform, plan.person)
            own = await self.person_traces.forget(state.id, plan.person) if state.id else 0
            return count + own
        if plan.everybody:
            return await self.person_traces.forget_everybody(state.id, plan.seqs)
        return await self.message_edits.forget(state.id, plan.seqs)

    async def keep_out(self, state: ChannelState, plan: ForgetPlan) -> bool:
        """Where the plan is about people: read in nothing that they have said so far."""
        meant = bool(state.id and (plan.person or plan.everybody))
        if meant:
            await self.person_traces.keep_out(state.id, plan.person or None)
        return meant

    async def expire(self, days: int) -> int:
        """Forget what was kept for longer than its channel says, or else for so many days.

        Returns how many messages that were. Works in batches, so that nobody waits long for the
        channel's lock; what is left is for the next time. Of two replicas, one finds nothing left.
        """
        await self.continuations.let_go()
        await self.confirmations.let_go()
        count, failed = 0, set[int]()
        for _ in range(EXPIRY_BATCHES):
            found = await self.message_edits.expired(days, limit=EXPIRY_BATCH)
            expired = [(channel_id, seqs) for channel_id, seqs in found if channel_id not in failed]
            for channel_id, seqs in expired:
                try:
                    count += await self.message_edits.forget(channel_id, seqs)
                except DatabaseUnavailable:
                    raise
                except Exception as error:  # one channel's trouble is not every channel's
                    failed.add(channel_id)
                    metrics.job_failures.add("retention")
                    log.error("retention_failed", channel=channel_id, exc_info=error)
            if all(len(seqs) < EXPIRY_BATCH for _, seqs in expired):
                break
        return count

    async def forget_removed(self, days: int) -> None:
        """Forget what Nellie has been out of for so many days, each thing once; 0 keeps it."""
        if not days:
            return
        for removal in await self.removals.due(days, limit=REMOVALS):
            try:
                count = await self.removals.forget(removal, days)
            except DatabaseUnavailable:
                raise
            except Exception as error:  # one channel's trouble is not every channel's
                metrics.job_failures.add("retention")
                log.error("removed_not_forgotten", channel=removal.channel_id, exc_info=error)
            else:
                log.info("removed_forgotten", channel=removal.channel_id, messages=count)

    async def _plan_message(
        self, state: ChannelState, person: Author, seq: int, *, has_rights: bool
    ) -> ForgetPlan:
        found = await self.messages.get(state.channel, state.id, [seq])
        if found and found[0].author.id != person.id and not has_rights:
            raise NotAllowed(who="its author, or people with rights over this channel,")
        seqs = [message.seq for message in found]
        return ForgetPlan(description=f"with the number {seq}", seqs=seqs)


def _explain_ambiguity(name: str, people: Sequence[tuple[Author, int]]) -> str:
    listed = "; ".join(
        f"{one.id} ({one.name}, {count:,} said)" for one, count in people[:LISTED_PEOPLE]
    )
    return (
        f"More than one person here is called “{name[:80]}”: {listed}."
        f" Say which, by the id: /memory forget person {people[0][0].id}."
    )
