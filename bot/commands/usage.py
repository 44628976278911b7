"""/usage: tokens and cost of a channel, and what is left of its quotas."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.commands.request import Request
from bot.domain.model import Reply
from bot.limits.quotas import Quotas
from bot.store.usage import UsageLog
from bot.text.fingerprints import fingerprint
from bot.text.plurals import counted

Row = tuple[str, str, int, int, int | None, int]
"""(purpose, model, calls, input, cached, output), as UsageLog.since gives it."""


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
        quotas = await self.quotas.read_quotas(channel_id, payer)
        lines += [f"Left today of {quota.whose.lower()} {quota}: {quota.left}" for quota in quotas]
        return Reply("\n".join(lines))

    def _lines(self, rows: Sequence[Row]) -> Iterator[str]:
        for purpose, model, calls, input_, cached, output in rows:
            share = f" ({cached / input_:.0%} cached)" if cached is not None and input_ else ""
            cost = self.quotas.format_cost(model, given=input_, cached=cached or 0, output=output)
            yield (
                f"  {purpose}, {model}: {counted(calls, 'call')}, {input_:,} tokens in{share},"
                f" {output:,} out{cost}"
            )
