"""Limits that the operator has set: they hold before a model is called, over all replicas.

A quota is of tokens or money a day; a rate limit is of questions within a minute or an hour.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Self

from bot.config.settings import Settings
from bot.domain.consents import asking_turn
from bot.domain.errors import LimitReached
from bot.domain.model import Prompt, Turn, Usage
from bot.domain.prices import Price
from bot.limits.call_queue import CallQueue
from bot.limits.reservations import Quota, Reserving, limit_reached
from bot.store.channels import ChannelState
from bot.store.quota_counters import QuotaCounters, RateLimit
from bot.store.reservations import Scope
from bot.store.stores import Stores
from bot.store.usage import Used
from bot.text.fingerprints import fingerprint
from bot.text.plurals import counted

WAITED = 0.5  # seconds after which a question has certainly waited behind others
_WITHIN = {60: "a minute", 3600: "an hour"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Quotas:
    """What may be asked and spent. Where nothing is limited, nothing is looked up."""

    settings: Settings
    counters: QuotaCounters
    call_queue: CallQueue
    reserving: Reserving

    @classmethod
    def on(cls, stores: Stores, settings: Settings, call_queue: CallQueue) -> Self:
        """On the stores of a replica."""
        reserving = Reserving(settings=settings, store=stores.reservations)
        return cls(
            settings=settings,
            counters=stores.quota_counters,
            call_queue=call_queue,
            reserving=reserving,
        )

    async def check_turn(self, channel_id: int, turn: Turn) -> None:
        """Raises LimitReached when this question is one too many."""
        if turn.waited > WAITED:
            await self._check_lane(turn)
        decided = asking_turn(turn.trigger) is not None  # it is no other question
        if not decided and (rate_limits := self._rate_limits()):
            await self._check_rate_limits(rate_limits, turn=turn.id)
        payer = fingerprint(turn.channel.platform, turn.asker.id)
        await self.check_quotas(channel_id, payer, turn.channel.workspace)

    async def reserve_turn(
        self,
        channel_id: int,
        turn: Turn,
        model: str,
        prompt: Prompt,
        *,
        spent: Sequence[Usage] = (),
    ) -> int | None:
        """Hold what the answer may use until the turn ends; None where no quota is set.

        `spent` is what its earlier calls have used, which is billed at its end too. Raises
        LimitReached.
        """
        scope = Scope(
            payer=fingerprint(turn.channel.platform, turn.asker.id),
            team=turn.channel.workspace,
            channel_id=channel_id,
        )
        return await self._reserve(scope, model, prompt, turn=turn.id, spent=spent)

    @asynccontextmanager
    async def reserved(
        self,
        state: ChannelState,
        payer: str | None,
        model: str,
        prompt: Prompt,
        *,
        further: bool = False,
    ) -> AsyncIterator[None]:
        """Hold what the call of a command or a digest may use, until its usage is stored.

        A command counts as a question, if it is let in; a `further` call of it as none. Raises
        LimitReached.
        """
        scope = Scope(payer=payer, team=state.channel.workspace, channel_id=state.id)
        reserve = self._reserve if further else self._admit
        held = await reserve(scope, model, prompt)
        try:
            with self.reserving.renewing(held):
                yield
        finally:
            await self.reserving.release(held)

    async def _admit(self, scope: Scope, model: str, prompt: Prompt) -> int | None:
        rate_limits = self._rate_limits() if scope.payer else []
        asked = 0
        if rate_limits and scope.channel_id and scope.payer:
            asked = await self.counters.add(scope.channel_id, scope.payer)
        try:
            if asked:
                await self._check_rate_limits(rate_limits, asked=asked)
            return await self._reserve(scope, model, prompt)
        except LimitReached:
            if asked:
                await self.counters.remove(asked)
            raise

    async def _reserve(
        self,
        scope: Scope,
        model: str,
        prompt: Prompt,
        *,
        turn: int | None = None,
        spent: Sequence[Usage] = (),
    ) -> int | None:
        if self.reserving.limits(scope) is None:
            return None
        amount = self.reserving.amount(model, prompt.tokens, prompt.max_output)
        used = self.reserving.sum_of(spent)
        return await self.reserving.reserve(scope, amount, turn=turn, spent=used)

    async def check_quotas(
        self, channel_id: int, payer: str | None = None, team: str | None = None
    ) -> None:
        """Raises LimitReached when a quota of today is used up; without a payer, not a person's.

        Nothing is reserved: what runs beside it is made too.
        """
        for quota in await self.read_quotas(channel_id, payer, team):
            if quota.is_used_up:
                raise limit_reached(quota.name, quota.reason)

    async def read_quotas(
        self, channel_id: int, payer: str | None, team: str | None = None
    ) -> list[Quota]:
        """Those that are set, with what is used of each today; `payer` is a fingerprint."""
        return await self.reserving.look(Scope(payer=payer, team=team, channel_id=channel_id))

    def format_cost(self, used: Used) -> str:
        """What tokens of a model cost, as the end of a line; nothing where nobody set prices."""
        if not self.settings.prices:
            return ""
        price = self.settings.price_of.get(used.model)
        if price is None:
            return ", cost unknown (not in NELLIE_PRICES)"
        return f", cost {_cost_at(price, used):,.4f}"

    async def _check_lane(self, turn: Turn) -> None:
        before = turn.ahead
        if before is None:
            before = await self.counters.questions_ahead(turn)
        if before >= self.settings.limit_lane:
            raise limit_reached(
                "lane",
                f"{counted(before, 'question')} waited in this conversation when you asked this"
                f" one. Ask again now that {'it is' if before == 1 else 'they are'} answered.",
            )

    async def _check_rate_limits(self, rate_limits: Sequence[RateLimit], **what: int) -> None:
        reached = await self.counters.reached_limit(rate_limits, **what)
        if not reached:
            return
        rate_limit, wait = reached
        who = "You have asked" if rate_limit.per_person else "This channel has asked"
        raise limit_reached(
            rate_limit.limit,
            f"{who} {counted(rate_limit.count, 'question')} within"
            f" {_WITHIN[rate_limit.seconds]}; ask again in {_format_duration(wait)}.",
        )

    def _rate_limits(self) -> list[RateLimit]:
        """Those that are set."""
        settings = self.settings
        rate_limits = (
            RateLimit("person_minute", settings.limit_person_minute, 60, per_person=True),
            RateLimit("person_hour", settings.limit_person_hour, 3600, per_person=True),
            RateLimit("channel_minute", settings.limit_channel_minute, 60, per_person=False),
            RateLimit("channel_hour", settings.limit_channel_hour, 3600, per_person=False),
        )
        return [rate_limit for rate_limit in rate_limits if rate_limit.count]


def _cost_at(price: Price, used: Used) -> float:
    return price.of(
        given=used.input,
        cached=used.cached or 0,
        cache_write=used.cache_write or 0,
        output=used.output,
    )


def _format_duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
