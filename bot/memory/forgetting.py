"""What `/memory forget` means: which messages, and who may."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.conversation import Author
from bot.errors import CommandError, NotAllowed
from bot.store.changes import Changes
from bot.store.channels import ChannelState
from bot.store.messages import Messages
from bot.store.search import Search

BATCH, BATCHES = 500, 40  # messages that expire in one transaction, and such in one go
LISTED = 10  # people of one name that are told apart
_MENTION = re.compile(r"<@!?(?P<id>[^>|]+)(?:\|[^>]*)?>")


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be forgotten."""

    what: str
    seqs: Sequence[int]


@dataclass(frozen=True, slots=True)
class Forgetting:
    """Forgetting on request. One's own words are everyone's to take back."""

    messages: Messages
    search: Search
    changes: Changes

    async def plan(self, state: ChannelState, person: Author, what: str, *, may: bool) -> Plan:
        """The messages that a request means. Raises CommandError and NotAllowed."""
        word = what.removeprefix("message ").lstrip("#")
        if what == "me":
            return Plan("of yours", await self.messages.of_author(state.id, person.id))
        if word.isdecimal() and len(word) < 19:
            return await self._one(state, person, int(word), may=may)
        if not what:
            raise CommandError(
                reason="Forget what? Say me, person NAME, words, a number (/memory search), or all."
            )
        if not may:
            raise NotAllowed(who="people with rights over this channel (or in NELLIE_ADMINS)")
        kind, _, name = what.partition(" ")
        if kind == "person":
            return await self._person(state, name.strip())
        if what == "all":
            return Plan("of everyone", await self.messages.every(state.id))
        words = what.removeprefix("topic ")
        found = await self.search.holding(state.id, words)
        return Plan(f"with “{words[:80]}”", found)

    async def _person(self, state: ChannelState, name: str) -> Plan:
        """All that a person said, whom a mention, an id, or a name of theirs stands for."""
        mention = _MENTION.fullmatch(name)
        asked = mention["id"] if mention else name.removeprefix("@")
        if not asked:
            raise CommandError(reason="Forget whom? For example /memory forget person ana.")
        called = await self.messages.people(state.id, asked)
        meant = [one for one in called if one[0].id == asked] or ([] if mention else called)
        if len(meant) > 1:
            raise CommandError(reason=_ambiguous(asked, meant))
        if not meant:
            return Plan(f"of “{asked[:80]}”", [])
        person, _ = meant[0]
        return Plan(f"of {person.name}", await self.messages.of_author(state.id, person.id))

    async def carry_out(self, state: ChannelState, plan: Plan) -> int:
        """Forget, with all that rests on it; returns how many messages were still there."""
        return await self.changes.forget(state.id, plan.seqs)

    async def expire(self, days: int) -> int:
        """Forget what was kept for longer than a channel wishes, or else than so many days.

        Returns how many messages that were. In batches: nobody waits long for the channel's lock,
        and what is left is for the next time. Of two replicas, one finds nothing left.
        """
        count = 0
        for _ in range(BATCHES):
            found = await self.changes.expired(days, limit=BATCH)
            for channel_id, seqs in found:
                count += await self.changes.forget(channel_id, seqs)
            if all(len(seqs) < BATCH for _, seqs in found):
                break
        return count

    async def _one(self, state: ChannelState, person: Author, seq: int, *, may: bool) -> Plan:
        found = await self.messages.get(state.channel, state.id, [seq])
        if found and found[0].author.id != person.id and not may:
            raise NotAllowed(who="its author, or people with rights over this channel,")
        return Plan(f"with the number {seq}", [message.seq for message in found])


def _ambiguous(name: str, people: Sequence[tuple[Author, int]]) -> str:
    listed = "; ".join(f"{one.id} ({one.name}, {count:,} said)" for one, count in people[:LISTED])
    return (
        f"More than one person here is called “{name[:80]}”: {listed}."
        f" Say which, by the id: /memory forget person {people[0][0].id}."
    )
