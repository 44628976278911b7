"""What programs ask, answered: the port, and nothing that a part of it does better."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.domain.api import ApiAnswer, Body, Caller, OfferedModel
from bot.gateway.callers.keys import Keys
from bot.gateway.calls.accounts import RunAccount, naming
from bot.gateway.calls.answer_headers import headers_of
from bot.gateway.calls.call_requests import check, model_of, request_of
from bot.gateway.calls.calls import CallRequest, Calls, Kind
from bot.gateway.calls.calls_under_way import CallsUnderWay, JoinedEvents
from bot.gateway.calls.key_watch import KeyWatch
from bot.gateway.calls.runs import Ask, Run
from bot.gateway.errors import mapped_errors
from bot.gateway.models.offered_models import OfferedModels
from bot.gateway.models.targets import Target, TargetAnswer
from bot.gateway.responses.compacting import compact
from bot.gateway.responses.serving import respond
from bot.gateway.saving.answer_cache import AnswerCache
from bot.gateway.saving.joined_embeddings import JoinedEmbeddings
from bot.gateway.saving.sharing import key_of, may_be_kept


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamGateway:
    """The gateway of one replica."""

    keys: Keys
    calls: Calls
    offered: OfferedModels
    under_way: CallsUnderWay
    cache: AnswerCache
    joined: JoinedEmbeddings
    watch: KeyWatch

    async def identify(self, key: str, address: str, headers: Mapping[str, str]) -> Caller:
        """Whose key it is. Raises ApiError."""
        with mapped_errors():
            return await self.keys.identify(key, address, headers)

    async def models(self, caller: Caller) -> Sequence[OfferedModel]:
        """What this caller may ask for. Raises ApiError."""
        with mapped_errors():
            return await self.offered.offer(caller)

    async def model(self, caller: Caller, name: str) -> OfferedModel:
        """One of them, by any name that calls may have for it. Raises ApiError."""
        with mapped_errors():
            return await self.offered.get(caller, name)

    async def chat(self, caller: Caller, body: Body) -> ApiAnswer:
        """Chat Completions. Raises ApiError."""
        with mapped_errors():
            target = await self._find("chat", caller, body)
            return await self._answer(
                "chat", caller, body, target, lambda: target.chat(caller, body)
            )

    async def responses(self, caller: Caller, body: Body) -> ApiAnswer:
        """Responses. Raises ApiError."""
        with mapped_errors():
            target = await self._find("responses", caller, body)
            return await self._answer(
                "responses", caller, body, target, lambda: respond(target, caller, body)
            )

    async def compact(self, caller: Caller, body: Body) -> ApiAnswer:
        """Items of Responses, summed up. Raises ApiError."""
        with mapped_errors():
            target = await self._find("responses", caller, body)
            asked = {**body, "compact": True}  # it is no other call of the same body
            return await self._answer(
                "responses", caller, asked, target, lambda: compact(target, caller, body)
            )

    async def embeddings(self, caller: Caller, body: Body) -> ApiAnswer:
        """Embeddings. Raises ApiError."""
        with mapped_errors():
            target = await self._find("embeddings", caller, body)
            return await self._answer(
                "embeddings", caller, body, target, lambda: self.joined.ask(target, caller, body)
            )

    async def _find(self, kind: Kind, caller: Caller, body: Body) -> Target:
        name = model_of(body)
        check(kind, body)
        return await self.offered.find(caller, name)

    async def _answer(
        self, kind: Kind, caller: Caller, body: Body, target: Target, ask: Ask
    ) -> ApiAnswer:
        """From what is kept, from an equal call that is under way, or from the model."""
        kept = self.calls.keeps_content
        request = request_of(kind, caller, target, model_of(body), body, kept=kept)
        key = key_of(kind, caller, target, body)
        may_keep = self.cache.is_on and may_be_kept(kind, target, body)
        if key and may_keep and (answer := self.cache.get(key)):
            return await self._repeat(caller, request, answer)
        if key and (run := self.under_way.find(key)):
            return await self._join(caller, request, run)
        account = RunAccount(self.calls, caller, request)
        run = Run(ask, account, shared=key is not None, keeps_all=kept)
        if key and may_keep:
            run.when_over = lambda over: self.cache.put(key, over)
        listener = run.listen()
        self.watch.add(caller, listener)
        self.under_way.add(key, run)
        with naming(account):
            answer = await listener.started()
        return ApiAnswer(
            body=answer.body,
            events=listener if answer.body is None else None,
            headers=headers_of(self.calls, account.call, answer),
        )

    async def _repeat(
        self, caller: Caller, request: CallRequest, answer: TargetAnswer
    ) -> ApiAnswer:
        """What was answered before, to an equal call."""
        call = await self.calls.begin(caller, replace(request, input=0, max_output=0))
        call.first_token()
        await call.end(usage=answer.usage, model=answer.model, saved="cache")
        headers = headers_of(self.calls, call, answer, saved="cache")
        return ApiAnswer(body=answer.body, events=answer.events, headers=headers)

    async def _join(self, caller: Caller, request: CallRequest, run: Run) -> ApiAnswer:
        """What an equal call is answered that was made already."""
        events = JoinedEvents(run)
        self.watch.add(caller, events.listener)
        try:
            events.call = await self.calls.begin(caller, replace(request, input=0, max_output=0))
            answer = await events.started()
        except BaseException:
            await events.aclose()
            raise
        headers = headers_of(self.calls, events.call, answer, saved="coalesced")
        if answer.body is None:
            return ApiAnswer(events=events, headers=headers)
        await events.aclose()
        return ApiAnswer(body=answer.body, headers=headers)
