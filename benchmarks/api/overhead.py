"""What a call through a proxy takes beside the same call made directly, in turn."""

from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from statistics import median, quantiles

from benchmarks.api.caller import Caller, Target
from benchmarks.api.upstream import Wish

WARM_UP = 50


@dataclass(slots=True)
class Times:
    """Milliseconds of many calls of one kind."""

    whole: list[float] = field(default_factory=list)
    first: list[float] = field(default_factory=list)
    """To the first piece of a stream."""


async def measure(targets: Mapping[str, Target], calls: int) -> dict[str, Times]:
    """By target, its times: one call after another, each target in turn, equal to no other."""
    found = {name: Times() for name in targets}
    async with AsyncExitStack() as stack:
        callers = {
            name: await stack.enter_async_context(Caller(target))
            for name, target in targets.items()
        }
        for number in range(WARM_UP + calls):
            for name, caller in callers.items():
                whole = await caller.chat(Wish(salt=f"{name} whole {number}"))
                streamed = await caller.chat(
                    Wish(chunks=8, salt=f"{name} stream {number}"), stream=True
                )
                assert whole.status == streamed.status == 200, whole.body + streamed.body
                found[name].whole.append(whole.took)
                found[name].first.append(streamed.first)
    for times in found.values():
        del times.whole[:WARM_UP], times.first[:WARM_UP]
    return found


def overhead(direct: Times, proxied: Times) -> dict[str, float]:
    """What the proxy adds to the median of the direct call."""
    whole, first = median(direct.whole), median(direct.first)
    return {
        "p50_ms": round(median(proxied.whole) - whole, 2),
        "p99_ms": round(percentile(proxied.whole, 99) - whole, 2),
        "first_token_p50_ms": round(median(proxied.first) - first, 2),
        "first_token_p99_ms": round(percentile(proxied.first, 99) - first, 2),
    }


def percentile(times: list[float], percent: int) -> float:
    """Of so many."""
    return quantiles(times, n=100, method="inclusive")[percent - 1]
