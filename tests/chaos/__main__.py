"""`make chaos`: a run by its seed; the last line is JSON."""

import argparse
import asyncio
import secrets
import signal
import sys
import tempfile
from pathlib import Path

from chaos.driver import run, say
from chaos.plan import Plan


def main() -> int:
    """Returns 1 when anything was lost, doubled, out of order, stuck or still remembered."""
    plan = _read_plan()
    # Whoever ends it, Postgres and the replicas end with it.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    say(f"seed {plan.seed}, {plan.seconds:g} seconds, {plan.replicas} replicas")
    result = asyncio.run(run(plan))
    if not result.passed:
        report = Path(tempfile.gettempdir()) / f"nellie-chaos-{plan.seed}.txt"
        report.write_text(result.report)
        say(f"seed {plan.seed} FAILED; all of it, with the replicas' logs, is in {report}")
        sys.stderr.write(result.report.partition("\n=== what the replicas wrote")[0] + "\n")
    sys.stdout.write(f"{result.to_json()}\n")
    return 0 if result.passed else 1


def _read_plan() -> Plan:
    parser = argparse.ArgumentParser(prog="chaos", description=__doc__)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--replicas", type=int, default=3)
    parser.add_argument("--rate", type=float, default=10)
    parser.add_argument("--every", type=float, default=2)
    parser.add_argument("--kinds", nargs="*", default=(), help="the faults there are; all if none")
    given = parser.parse_args()
    return Plan(
        seed=secrets.randbelow(10**6) if given.seed is None else given.seed,
        seconds=given.seconds,
        replicas=given.replicas,
        rate=given.rate,
        fault_interval=given.every,
        kinds=tuple(given.kinds),
    )


if __name__ == "__main__":
    sys.exit(main())
