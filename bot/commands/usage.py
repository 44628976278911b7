"""/usage: tokens and cost of a channel and of a person's keys, and what is left of quotas."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.commands.request import Request
from bot.domain.model import Reply
from bot.limits.quotas import Quotas
from bot.store.api_calls import ApiCallListing, CallSum
from bot.store.usage import UsageLog, Used
from bot.text.fingerprints import fingerprint
from bot.text.plurals import counted


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageCommand:
    """Shows what was used, today and in 30 days."""

    usage_log: UsageLog
    quotas: Quotas
    calls: ApiCallListing

    async def run(self, request: Request) -> Reply:
        """Show what was used here and what is left today."""
        channel, person = request.state.channel, request.person.id
        today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        lines: list[str] = []
        for title, start in (("Today (UTC)", today), ("30 days", today - timedelta(days=30))):
            rows = await self.usage_log.since(request.state.id, start)
            lines.append(f"{title}:" + ("" if rows else " nothing"))
            lines += self._lines(rows)
            for one in await self.calls.sum_up(channel.platform, person, start):
                lines += _calls_lines(one)
        payer = fingerprint(channel.platform, person)
        quotas = await self.quotas.read_quotas(request.state.id, payer, channel.workspace)
        lines += [f"Left today of {quota.whose.lower()} {quota}: {quota.left}" for quota in quotas]
        return Reply("\n".join(lines))

    def _lines(self, rows: Sequence[Used]) -> Iterator[str]:
        for used in rows:
            shares = _format_shares(used.input, used.cached, used.cache_write)
            yield (
                f"  {used.purpose}, {used.model}: {counted(used.calls, 'call')},"
                f" {used.input:,} tokens in{shares},"
                f" {used.output:,} out{self.quotas.format_cost(used)}"
            )


def _calls_lines(calls: CallSum) -> Iterator[str]:
    """What a person's own keys called, which only they see."""
    shares = _format_shares(calls.input, calls.cached, calls.cache_write)
    failed = f", {calls.failed:,} failed" if calls.failed else ""
    cost = "" if calls.cost is None else f", cost {calls.cost:,.4f}"
    yield (
        f"  your keys, {calls.model}: {counted(calls.calls, 'call')}{failed},"
        f" {calls.input:,} tokens in{shares}, {calls.output:,} out{cost}"
    )
    if calls.saved_calls:
        yield (
            f"    {counted(calls.saved_calls, 'call')} of them took an answer that was there:"
            f" {counted(calls.saved_tokens, 'token')} saved"
        )


def _format_shares(given: int, cached: int | None, cache_write: int | None) -> str:
    """Of the input, what came from the server's cache, and what was written into it."""
    if not given:
        return ""
    shares = []
    if cached is not None:
        shares.append(f"{cached / given:.0%} cached")
    if cache_write:
        shares.append(f"{cache_write / given:.0%} written to the cache")
    return f" ({', '.join(shares)})" if shares else ""
