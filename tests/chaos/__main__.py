"""`make chaos`: a run by its seed; the last line is JSON."""

import argparse
import asyncio
import secrets
import signal
import sys
import tempfile
from pathlib import Path

from chaos.driver import Plan, run, say


def main() -> int:
    """Returns 1 when anything was lost, doubled, out of order or stuck."""
    parser = argparse.ArgumentParser(prog="chaos", description=__doc__)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--replicas", type=int, default=3)
    parser.add_argument("--rate", type=float, default=10)
    parser.add_argument("--every", type=float, default=2)
    parser.add_argument("--kinds", nargs="*", default=(), help="the faults there are; all if none")
    given = parser.parse_args()
    # Whoever ends it, Postgres and the replicas end with it.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    seed = secrets.randbelow(10**6) if given.seed is None else given.seed
    plan = Plan(
        seed, given.seconds, replicas=given.replicas, rate=given.rate, every=given.every,
        kinds=tuple(given.kinds),
    )  # fmt: skip
    say(f"seed {seed}, {given.seconds:g} seconds, {given.replicas} replicas")
    result = asyncio.run(run(plan))
    if not result.sound:
        told = Path(tempfile.gettempdir()) / f"nellie-chaos-{seed}.txt"
        told.write_text(result.story)
        say(f"seed {seed} FAILED; all of it, with the replicas' logs, is in {told}")
        sys.stderr.write(result.story.partition("\n=== what the replicas wrote")[0] + "\n")
    sys.stdout.write(f"{result.line()}\n")
    return 0 if result.sound else 1


if __name__ == "__main__":
    sys.exit(main())
