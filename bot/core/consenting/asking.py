"""What an answer asks people before its model's calls change something, and what they said."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot.core.consenting.questions import LONGEST, ToAsk, ask_in_words, show_arguments
from bot.core.turn_run import TurnRun
from bot.domain.model import Turn
from bot.domain.tools import Tool
from bot.llm.answers.calls import read_arguments
from bot.store.consents import SILENCE, Asked, Consents, StoredConsent
from bot.store.tool_calls import StoredCall, hash_call

MOST = 5  # questions of one answer
NOBODY = "{name} changes something, and nobody here may consent to it: it was not called."
TOO_MANY = "{name} was not called: people are asked for so many calls already. Ask for it later."
TOO_LONG = (
    "{name} was not called: its arguments are too long for a person to read"
    " ({length:,} characters, of at most {longest:,})."
)
DENIED = "The person was asked and said no: {name} was not called. Do not call it again."
NOT_NOW = "{name} was not called: {reason}."
OFF = "it is not on in this channel any more, or its server is away"
CHANGED = "it describes itself otherwise than when people were asked, or its arguments changed"

ASK, RUN = "ask", "run"
"""What is to be done with a call; else it is why it is not made, for the model."""


@dataclass(slots=True)
class Asking:
    """The questions of one turn, and those that it goes on with."""

    run: TurnRun
    consents: Consents
    tools: Mapping[str, Tool]
    found: dict[int, StoredConsent] = field(default_factory=dict)
    """By call."""
    told: list[str] = field(default_factory=list)
    """What people are told of calls that were allowed and not made."""

    async def read(self) -> None:
        """What was asked before, by this turn or by those that it goes on with."""
        turns = (self.run.turn.id, *self.run.went_on_with)
        self.found = {one.call_id: one for one in await self.consents.of_turns(turns)}

    def is_asked(self, one: StoredCall) -> bool:
        """Whether people were asked for this call already."""
        return one.id in self.found

    def is_allowed(self, one: StoredCall) -> bool:
        """Whether somebody allowed this call, for a turn that goes on."""
        found = self.found.get(one.id)
        return bool(found and found.turn_id != self.run.turn.id and found.state == "allowed")

    def judge(self, one: StoredCall, tool: Tool) -> str:
        """What is to be done with a call that changes something."""
        found = self.found.get(one.id)
        if found is None:
            return self._may_be_asked(one)
        if found.turn_id == self.run.turn.id:
            return ASK
        if found.state != "allowed":
            return DENIED.format(name=tool.name) if found.state == "denied" else SILENCE
        if found.hash != hash_consent(tool, one):
            return self.refuse(one, CHANGED)
        return RUN

    def refuse(self, one: StoredCall, reason: str) -> str:
        """Why a call is not made that somebody has allowed; people are told too."""
        found = self.found[one.id]
        self.told.append(NOT_NOW.format(name=found.tool, reason=reason))
        return NOT_NOW.format(name=one.call.name, reason=reason)

    def _may_be_asked(self, one: StoredCall) -> str:
        name = one.call.name
        if not may_be_asked(self.run.turn):
            return NOBODY.format(name=name)
        if (length := len(_shown(one))) > LONGEST:
            return TOO_LONG.format(name=name, length=length, longest=LONGEST)
        return ASK

    async def ask(
        self, calls: Sequence[StoredCall], before: Sequence[StoredCall]
    ) -> list[StoredCall]:
        """Ask for these calls; with what is left of them where something was taken back."""
        again = {was.key for was in before if was.state == "unknown"}
        asked = [
            Asked(
                call=one.id,
                number=number,
                tool=self.tools[one.call.name].title,
                hash=hash_consent(self.tools[one.call.name], one),
                again=one.key in again,
            )
            for number, one in enumerate(calls, 1)
            if one.id not in self.found
        ]
        if asked:
            self.run.require_lease()
            stored = await self.consents.ask(self.run.lease, self.run.turn, asked)
            self.found |= {one.call_id: one for one in stored}
        return [replace(one, state="waiting") for one in calls if one.id in self.found]

    def in_words(self, calls: Sequence[StoredCall]) -> str:
        """The questions as people read them; what can still be decided is offered below."""
        asked = [(self.found[one.id], one) for one in calls]
        self.run.asks = True
        self.run.consents = tuple(found.question for found, _ in asked if found.is_open)
        shown = [ToAsk(found.question, _shown(one), found.repeats) for found, one in asked]
        return ask_in_words(shown, self.run.turn.asker.name)


def may_be_asked(turn: Turn) -> bool:
    """Whether a turn was asked by a person, who can say yes or no."""
    asker = turn.asker
    return bool(asker.id) and not (asker.bot or asker.nellie or turn.trigger.reply)


def hash_consent(tool: Tool, one: StoredCall) -> str:
    """Of a call and of all that its tool says of itself: consent is to just this."""
    described = [tool.server, tool.name, tool.description, tool.written, hash_call(one.call)]
    return hashlib.sha256(json.dumps(described).encode()).hexdigest()


def _shown(one: StoredCall) -> str:
    return show_arguments(read_arguments(one.call.arguments) or {})
