"""/usage: tokens and cost of a channel, and what is left of its quotas."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.commands.request import Request
from bot.domain.model import Reply
from bot.limits.quotas import Quotas
from bot.store.usage import UsageLog, Used
from bot.text.fingerprints import fingerprint
from bot.text.plurals import counted


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageCommand:
    """Shows what was used, today and in 30 days."""

    usage_log: UsageLog
    quotas: Quotas

    async def run(self, request: Request) -> Reply:
        """Show what was used here and what is left today."""
        channel_id = request.state.id
        today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        lines: list[str] = []
        for title, start in (("Today (UTC)", today), ("30 days", today - timedelta(days=30))):
            rows = await self.usage_log.since(channel_id, start)
            lines.append(f"{title}:" + ("" if rows else " nothing"))
            lines += self._lines(rows)
        payer = fingerprint(request.state.channel.platform, request.person.id)
        quotas = await self.quotas.read_quotas(channel_id, payer, request.state.channel.workspace)
        lines += [f"Left today of {quota.whose.lower()} {quota}: {quota.left}" for quota in quotas]
        return Reply("\n".join(lines))

    def _lines(self, rows: Sequence[Used]) -> Iterator[str]:
        for used in rows:
            yield (
                f"  {used.purpose}, {used.model}: {counted(used.calls, 'call')},"
                f" {used.input:,} tokens in{_format_shares(used)},"
                f" {used.output:,} out{self.quotas.format_cost(used)}"
            )


def _format_shares(used: Used) -> str:
    """Of the input, what came from the server's cache, and what was written into it."""
    if not used.input:
        return ""
    shares = []
    if used.cached is not None:
        shares.append(f"{used.cached / used.input:.0%} cached")
    if used.cache_write:
        shares.append(f"{used.cache_write / used.input:.0%} written to the cache")
    return f" ({', '.join(shares)})" if shares else ""
