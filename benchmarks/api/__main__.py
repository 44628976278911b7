"""python -m benchmarks.api [--quick] [--litellm PROGRAM] [--calls N]: the last line is JSON."""

import argparse
import asyncio
import json
import os
from pathlib import Path
from typing import Any

from benchmarks.api import leaving, memory, overhead, savings, streams
from benchmarks.api.caller import Target
from benchmarks.api.endpoint import litellm, nellie
from benchmarks.api.upstream import MODEL, Upstream, upstream

CALLS, QUICK_CALLS = 1_000, 100  # of each kind, for the overhead
MANY, QUICK_MANY = 100_000, 2_000  # for the memory
STREAMS = {"streams": 200, "chunks": 100, "interval": 0.05}
QUICK_STREAMS = {"streams": 20, "chunks": 20, "interval": 0.05}
SETTINGS = {
    "NELLIE_API_CACHE": "600",
    "NELLIE_LIMIT_PERSON_TOKENS": str(savings.DAILY),
    "NELLIE_LOG_LEVEL": "warning",
}


async def run(args: argparse.Namespace) -> dict[str, Any]:
    """All figures."""
    figures: dict[str, Any] = {"cores": os.cpu_count()}
    with upstream() as server:
        async with nellie(server, **SETTINGS) as endpoint:
            ours = await endpoint.target("ana")
            figures |= await _overheads(args, server, ours)
            figures |= await _streams(args, server, ours)
            figures |= await savings.equal_calls(ours, server)
            figures |= await savings.kept_answers(ours, server)
            figures |= await savings.budget_edge(await endpoint.target("bob"), server)
            figures |= await leaving.measure(ours, server)
            figures |= await memory.measure(ours, endpoint, args.many)
    return figures


async def _overheads(args: argparse.Namespace, server: Upstream, ours: Target) -> dict[str, Any]:
    """Each proxy in turn with the direct call, and none while another one is measured."""
    direct = Target(server.url, "x", MODEL)
    times = await overhead.measure({"direct": direct, "nellie": ours}, args.calls)
    added = overhead.overhead(times["direct"], times["nellie"])
    print(f"nellie: {added}")
    figures: dict[str, Any] = {**added, "direct_p50_ms": _p50(times["direct"])}
    if args.litellm:
        async with litellm(args.litellm, server) as beside:
            times = await overhead.measure({"direct": direct, "litellm": beside}, args.calls)
        theirs = overhead.overhead(times["direct"], times["litellm"])
        print(f"litellm: {theirs}")
        figures |= {f"litellm_{name}": value for name, value in theirs.items()}
        figures["times_less_than_litellm"] = round(theirs["p50_ms"] / added["p50_ms"], 1)
    return figures


def _p50(times: overhead.Times) -> float:
    return round(overhead.percentile(times.whole, 50), 2)


async def _streams(args: argparse.Namespace, server: Upstream, ours: Target) -> dict[str, Any]:
    direct = await streams.measure(Target(server.url, "x", MODEL), **args.streams)
    proxied = await streams.measure(ours, **args.streams)
    print(f"streams, direct: {direct}")
    print(f"streams, nellie: {proxied}")
    return {
        **{f"streams_{name}": value for name, value in proxied.items()},
        "streams_direct_longest_gap_ms": direct["longest_gap_ms"],
    }


def main() -> None:
    """The figures of one run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer of everything")
    parser.add_argument(
        "--litellm", type=Path, help="LiteLLM's program, of an environment of its own"
    )
    parser.add_argument("--calls", type=int, help="for the overhead")
    parser.add_argument("--many", type=int, help="for the memory")
    args = parser.parse_args()
    args.calls = args.calls or (QUICK_CALLS if args.quick else CALLS)
    args.many = args.many or (QUICK_MANY if args.quick else MANY)
    args.streams = QUICK_STREAMS if args.quick else STREAMS
    print(json.dumps(asyncio.run(run(args))))


if __name__ == "__main__":
    main()
