"""Limits that the operator has set: checked before a model is called, over all replicas."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot import metrics
from bot.conversation import Turn
from bot.errors import LimitReached
from bot.places import Places
from bot.settings import Settings
from bot.store.spent import Ledger, Rate, Spent

QUEUED = 0.5  # seconds after which a question has certainly waited behind others
_WITHIN = {60: "a minute", 3600: "an hour"}


@dataclass(frozen=True, slots=True)
class Budget:
    """Tokens or cost of a day, and how much of it is used."""

    limit: str
    whose: str
    used: float
    of: float

    def __str__(self) -> str:
        if self.limit == "cost":
            return f"{self.of:,.2f} a day"
        return f"{self.of:,.0f} tokens a day"

    @property
    def left(self) -> str:
        """What is left of it, for people."""
        left = max(0.0, self.of - self.used)
        return f"{left:,.2f}" if self.limit == "cost" else f"{left:,.0f} tokens"


@dataclass(frozen=True, slots=True)
class Limits:
    """What may be asked and spent. Where nothing is limited, nothing is looked up."""

    settings: Settings
    ledger: Ledger
    places: Places

    async def ask(self, channel_id: int, turn: Turn) -> None:
        """Raises LimitReached when this question is one too many."""
        if turn.waited > QUEUED:
            await self._lane(turn)
        if rates := self._rates():
            await self._rate(turn, rates)
        await self.spend(channel_id, None if turn.private else turn.trigger.author.id)

    async def spend(self, channel_id: int, author_id: str | None = None) -> None:
        """Raises LimitReached when a budget of today is used up; without an author, not a person's.

        The call that crosses a budget is still made, and so are those that run beside it.
        """
        for one in await self.budgets(channel_id, author_id):
            if one.used >= one.of:
                raise _reached(
                    one.limit,
                    f"{one.whose} budget for today is used up ({one}). It starts again at 00:00"
                    f" UTC; an admin can raise NELLIE_LIMIT_{one.limit.upper()}.",
                )

    async def budgets(self, channel_id: int, author_id: str | None) -> list[Budget]:
        """Those that are set, with what is used of each."""
        settings = self.settings
        set_ = (
            settings.limit_tokens, settings.limit_channel_tokens, settings.limit_person_tokens,
            settings.limit_cost,
        )  # fmt: skip
        if not any(set_):
            return []
        spent = await self.ledger.today(channel_id, author_id)
        every = (
            ("person_tokens", "Your", sum(one.own for one in spent), settings.limit_person_tokens),
            ("channel_tokens", "This channel's", sum(one.here for one in spent),
             settings.limit_channel_tokens),
            ("tokens", "The common", sum(one.input + one.output for one in spent),
             settings.limit_tokens),
            ("cost", "The common", self.cost(spent), settings.limit_cost),
        )  # fmt: skip
        return [Budget(*one) for one in every if one[3] and (author_id or one[1] != "Your")]

    def cost(self, spent: Sequence[Spent]) -> float:
        """What it cost, of the models that have a price."""
        known = self.settings.price_of
        return sum(
            _price(known[one.model], one.input, one.cached, one.output)
            for one in spent
            if one.model in known
        )

    def priced(self, model: str, given: int, cached: int, output: int) -> str:
        """What tokens of a model cost, as the end of a line; nothing where nobody set prices."""
        if not self.settings.prices:
            return ""
        price = self.settings.price_of.get(model)
        if price is None:
            return ", cost unknown (not in NELLIE_PRICES)"
        return f", cost {_price(price, given, cached, output):,.4f}"

    async def _lane(self, turn: Turn) -> None:
        before = await self.ledger.before(turn)
        if before >= self.settings.limit_lane:
            raise _reached(
                "lane",
                f"{before:,} questions waited in this conversation when you asked this one."
                " Ask again now that they are answered.",
            )

    async def _rate(self, turn: Turn, rates: Sequence[Rate]) -> None:
        found = await self.ledger.reached(turn, rates)
        if not found:
            return
        rate, wait = found
        who = "You have asked" if rate.own else "This channel has asked"
        raise _reached(
            rate.limit,
            f"{who} {rate.count:,} questions within {_WITHIN[rate.seconds]};"
            f" ask again in {_duration(wait)}.",
        )

    def _rates(self) -> list[Rate]:
        return [Rate(*one) for one in self._every_rate() if one[1]]

    def _every_rate(self) -> Iterator[tuple[str, int, int, bool]]:
        settings = self.settings
        yield "person_minute", settings.limit_person_minute, 60, True
        yield "person_hour", settings.limit_person_hour, 3600, True
        yield "channel_minute", settings.limit_channel_minute, 60, False
        yield "channel_hour", settings.limit_channel_hour, 3600, False


def _reached(limit: str, reason: str) -> LimitReached:
    metrics.limits.add(limit)
    return LimitReached(limit=limit, reason=reason)


def _price(price: tuple[float, float, float], given: int, cached: int, output: int) -> float:
    per_given, per_cached, per_output = price
    fresh = (given - cached) * per_given
    return (fresh + cached * per_cached + output * per_output) / 1_000_000


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
