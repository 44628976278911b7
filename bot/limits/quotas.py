"""Limits that the operator has set: checked before a model is called, over all replicas.

A quota is of tokens or money a day; a rate limit is of questions within a minute or an hour.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.config.settings import Settings
from bot.domain.errors import LimitReached
from bot.domain.model import Turn
from bot.domain.prices import Price
from bot.limits.call_queue import CallQueue
from bot.store.quota_counters import QuotaCounters, RateLimit, Spent
from bot.store.usage import Used
from bot.telemetry import metrics
from bot.text.fingerprints import fingerprint
from bot.text.plurals import counted

WAITED = 0.5  # seconds after which a question has certainly waited behind others
_WITHIN = {60: "a minute", 3600: "an hour"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """Tokens or cost that may be used in a day, and how much of it is used."""

    name: str
    """As in NELLIE_LIMIT_NAME."""
    whose: str
    used: float
    limit: float

    def __str__(self) -> str:
        return f"{self._format(self.limit)} a day"

    @property
    def left(self) -> str:
        """What is left of it, for people."""
        return self._format(max(0.0, self.limit - self.used))

    @property
    def is_used_up(self) -> bool:
        """Whether nothing is left of it."""
        return self.used >= self.limit

    def _format(self, amount: float) -> str:
        return f"{amount:,.2f}" if self.name == "cost" else counted(round(amount), "token")


@dataclass(frozen=True, slots=True, kw_only=True)
class Quotas:
    """What may be asked and spent. Where nothing is limited, nothing is looked up."""

    settings: Settings
    counters: QuotaCounters
    call_queue: CallQueue

    async def check_turn(self, channel_id: int, turn: Turn) -> None:
        """Raises LimitReached when this question is one too many."""
        if turn.waited > WAITED:
            await self._check_lane(turn)
        if rate_limits := self._rate_limits():
            await self._check_rate_limits(rate_limits, turn=turn.id)
        await self.check_quotas(channel_id, fingerprint(turn.channel.platform, turn.asker.id))

    async def check_command(self, channel_id: int, payer: str) -> None:
        """The same for a command that calls a model; it counts as a question, if it is let in."""
        rate_limits = self._rate_limits()
        asked = await self.counters.add(channel_id, payer) if rate_limits else 0
        try:
            if asked:
                await self._check_rate_limits(rate_limits, asked=asked)
            await self.check_quotas(channel_id, payer)
        except LimitReached:
            if asked:
                await self.counters.remove(asked)
            raise

    async def check_quotas(self, channel_id: int, payer: str | None = None) -> None:
        """Raises LimitReached when a quota of today is used up; without a payer, not a person's.

        The call that crosses a quota is still made, and so are those that run beside it.
        """
        for quota in await self.read_quotas(channel_id, payer):
            if quota.is_used_up:
                raise _limit_reached(
                    quota.name,
                    f"{quota.whose} budget for today is used up ({quota}). It starts again at 00:00"
                    f" UTC; an admin can raise NELLIE_LIMIT_{quota.name.upper()}.",
                )

    async def read_quotas(self, channel_id: int, payer: str | None) -> list[Quota]:
        """Those that are set, with what is used of each today; `payer` is a fingerprint."""
        if not self._has_quotas:
            return []
        spent = await self.counters.spent_today(channel_id, payer)
        quotas = [
            Quota(
                name="channel_tokens",
                whose="This channel's",
                used=sum(one.channel_tokens for one in spent),
                limit=self.settings.limit_channel_tokens,
            ),
            Quota(
                name="tokens",
                whose="The common",
                used=sum(one.input + one.output for one in spent),
                limit=self.settings.limit_tokens,
            ),
            Quota(
                name="cost",
                whose="The common",
                used=self._cost_of(spent),
                limit=self.settings.limit_cost,
            ),
        ]
        if payer:
            own = Quota(
                name="person_tokens",
                whose="Your",
                used=sum(one.person_tokens for one in spent),
                limit=self.settings.limit_person_tokens,
            )
            quotas.insert(0, own)
        return [quota for quota in quotas if quota.limit]

    def format_cost(self, used: Used) -> str:
        """What tokens of a model cost, as the end of a line; nothing where nobody set prices."""
        if not self.settings.prices:
            return ""
        price = self.settings.price_of.get(used.model)
        if price is None:
            return ", cost unknown (not in NELLIE_PRICES)"
        return f", cost {_cost_at(price, used):,.4f}"

    @property
    def _has_quotas(self) -> bool:
        settings = self.settings
        return any(
            (
                settings.limit_tokens,
                settings.limit_channel_tokens,
                settings.limit_person_tokens,
                settings.limit_cost,
            )
        )

    def _cost_of(self, spent: Sequence[Spent]) -> float:
        """What it cost, of the models that have a price."""
        prices = self.settings.price_of
        return sum(_cost_at(prices[one.model], one) for one in spent if one.model in prices)

    async def _check_lane(self, turn: Turn) -> None:
        before = turn.ahead
        if before is None:
            before = await self.counters.questions_ahead(turn)
        if before >= self.settings.limit_lane:
            raise _limit_reached(
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
        raise _limit_reached(
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


def _limit_reached(limit: str, reason: str) -> LimitReached:
    metrics.limits.add(limit)
    return LimitReached(limit=limit, reason=reason)


def _cost_at(price: Price, used: Used | Spent) -> float:
    return price.of(
        given=used.input,
        cached=used.cached or 0,
        cache_write=used.cache_write or 0,
        output=used.output,
    )


def _format_duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
