"""What `/memory forget` means: which messages, and who may."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.errors import CommandError, NotAllowed
from bot.domain.model import Author
from bot.store.channels import ChannelState
from bot.store.message_edits import MessageEdits
from bot.store.messages import Messages
from bot.store.search import Search

EXPIRY_BATCH = 500  # messages that expire in one transaction
EXPIRY_BATCHES = 40  # transactions in one go
LISTED_PEOPLE = 10  # of one name, at most
_MENTION = re.compile(r"<@!?(?P<id>[^>|]+)(?:\|[^>]*)?>")


@dataclass(frozen=True, slots=True)
class ForgetPlan:
    """What would be forgotten."""

    description: str
    """Whose messages, as in "this forgets 3 messages of yours"."""
    seqs: Sequence[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgetting:
    """Forgetting on request. Everyone may take their own words back."""

    messages: Messages
    search: Search
    message_edits: MessageEdits

    async def plan(
        self, state: ChannelState, person: Author, what: str, *, has_rights: bool
    ) -> ForgetPlan:
        """The messages that a request means. Raises CommandError and NotAllowed."""
        kind, *rest = what.split(maxsplit=1) or [""]
        kind, argument = kind.lower(), rest[0] if rest else ""
        word = (argument if kind == "message" else what).lstrip("#")
        if kind == "me" and not argument:
            return ForgetPlan("of yours", await self.messages.seqs_of_author(state.id, person.id))
        if word.isdecimal() and len(word) < 19:
            return await self._plan_message(state, person, int(word), has_rights=has_rights)
        if not what:
            raise CommandError(
                reason="Forget what? Say me, person NAME, words, a number (/memory search), or all."
            )
        if not has_rights:
            raise NotAllowed(who="people with rights over this channel (or in NELLIE_ADMINS)")
        if kind == "person":
            return await self._plan_person(state, argument.strip())
        if kind == "all" and not argument:
            return ForgetPlan("of everyone", await self.messages.all_seqs(state.id))
        words = argument if kind == "topic" and argument else what
        seqs = await self.search.seqs_containing(state.id, words)
        return ForgetPlan(f"with “{words[:80]}”", seqs)

    async def _plan_person(self, state: ChannelState, name: str) -> ForgetPlan:
        """All that a person said: the one of this mention, id or name."""
        mention = _MENTION.fullmatch(name)
        id_or_name = mention["id"] if mention else name.removeprefix("@")
        if not id_or_name:
            raise CommandError(reason="Forget whom? For example /memory forget person ana.")
        people = await self.messages.find_people(state.id, id_or_name)
        with_this_id = [entry for entry in people if entry[0].id == id_or_name]
        candidates = with_this_id or ([] if mention else people)
        if len(candidates) > 1:
            raise CommandError(reason=_explain_ambiguity(id_or_name, candidates))
        if not candidates:
            return ForgetPlan(f"of “{id_or_name[:80]}”", [])
        person, _ = candidates[0]
        return ForgetPlan(
            f"of {person.name}", await self.messages.seqs_of_author(state.id, person.id)
        )

    async def carry_out(self, state: ChannelState, plan: ForgetPlan) -> int:
        """Forget these messages and all that rests on them; returns how many were still there."""
        return await self.message_edits.forget(state.id, plan.seqs)

    async def expire(self, days: int) -> int:
        """Forget what was kept for longer than its channel says, or else for so many days.

        Returns how many messages that were. Works in batches, so that nobody waits long for the
        channel's lock; what is left is for the next time. Of two replicas, one finds nothing left.
        """
        count = 0
        for _ in range(EXPIRY_BATCHES):
            expired = await self.message_edits.expired(days, limit=EXPIRY_BATCH)
            for channel_id, seqs in expired:
                count += await self.message_edits.forget(channel_id, seqs)
            if all(len(seqs) < EXPIRY_BATCH for _, seqs in expired):
                break
        return count

    async def _plan_message(
        self, state: ChannelState, person: Author, seq: int, *, has_rights: bool
    ) -> ForgetPlan:
        found = await self.messages.get(state.channel, state.id, [seq])
        if found and found[0].author.id != person.id and not has_rights:
            raise NotAllowed(who="its author, or people with rights over this channel,")
        return ForgetPlan(f"with the number {seq}", [message.seq for message in found])


def _explain_ambiguity(name: str, people: Sequence[tuple[Author, int]]) -> str:
    listed = "; ".join(
        f"{one.id} ({one.name}, {count:,} said)" for one, count in people[:LISTED_PEOPLE]
    )
    return (
        f"More than one person here is called “{name[:80]}”: {listed}."
        f" Say which, by the id: /memory forget person {people[0][0].id}."
    )
