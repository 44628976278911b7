"""Why an answer is as it is: what is kept of it, joined with what of that is still remembered."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.core.answer_tracing import fingerprint_digest
from bot.domain.answer_trace import AnswerTrace
from bot.domain.page import AskedTurn, ModelCall, RecalledMessage, UsedDocument, Why
from bot.page.sums import Costs, add_up
from bot.store.channels import ChannelState
from bot.store.messages import Messages
from bot.store.page_turns import MadeFrom, PageTurns
from bot.store.summaries import Summaries

LISTED = 500  # messages that an answer rests on, of which the words are shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Explaining:
    """Looks up what the numbers of an answer stand for."""

    messages: Messages
    summaries: Summaries
    store: PageTurns
    costs: Costs

    async def explain(
        self, state: ChannelState, turn: AskedTurn, made: MadeFrom, trace: AnswerTrace | None
    ) -> Why:
        """What is shown of an answer to who reads its channel."""
        scores = dict(trace.recalled) if trace else {}
        seqs = list(dict.fromkeys((*scores, *(seq for seq in made.rests_on if seq > 0))))[:LISTED]
        asked = _documents_of(made, trace)
        read = await self.messages.get(state.channel, state.id, seqs)
        found = {message.seq: message for message in read}
        documents = await self.store.documents(state.id, asked)
        outside = len(scores) - (trace.in_window if trace else 0)
        calls = [
            ModelCall(
                model=row.model,
                purpose=row.purpose,
                attempt=row.attempt,
                estimated=row.estimated,
                used=self.costs.used(row),
            )
            for row in made.calls
        ]
        return Why(
            turn=turn,
            trace=trace,
            recalled=[
                RecalledMessage(found[seq], score, place >= outside)
                for place, (seq, score) in enumerate(scores.items())
                if seq in found
            ],
            documents=_scored(documents, trace),
            rests_on=[message for message in read if message.seq not in scores],
            gone=len(seqs) - len(read) + len(asked) - len(documents),
            window_from=trace.window_from if trace else made.window_from,
            same_digest=await self._is_same(state, trace),
            calls=calls,
            used=add_up(call.used for call in calls),
            tools=made.tools,
            good=made.good,
            bad=made.bad,
        )

    async def _is_same(self, state: ChannelState, trace: AnswerTrace | None) -> bool:
        if trace is None or trace.digest is None:
            return False
        return fingerprint_digest(await self.summaries.digest(state.id)) == trace.digest


def _documents_of(made: MadeFrom, trace: AnswerTrace | None) -> list[tuple[int, int]]:
    """The passages that the model was given, in their order; then what was read as a whole."""
    passages = [(one.document_id, one.number) for one in trace.passages] if trace else []
    known = {document for document, _ in passages}
    return passages + [(-seq, 0) for seq in made.rests_on if seq < 0 and -seq not in known]


def _scored(documents: Sequence[UsedDocument], trace: AnswerTrace | None) -> Sequence[UsedDocument]:
    given = trace.passages if trace else ()
    return [
        replace(one, found=replace(one.found, score=given[one.mark - 1].score)) if one.mark else one
        for one in documents
    ]
