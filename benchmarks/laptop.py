"""What the embedded Postgres weighs after many questions, and how many are answered in a second.

Beside it the same with the connections and the settings that a server's Postgres gets. The memory
is the proportional set size: what processes share is counted once. The model answers at once.

    python -m benchmarks.laptop [--questions 640]
"""

import argparse
import asyncio
import json
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bot.store import schema
from bot.store.database import LAPTOP_POOL, Database
from bot.store.embedded_postgres import server
from bot.store.open_database import PATIENCE_OF_ANSWERS
from bot.testing.running_nellie import ANA, BOB, running_nellie

SERVERS = {
    "shared_buffers": "128MB",
    "io_method": "worker",
    "autovacuum_worker_slots": "16",
    "max_logical_replication_workers": "4",
}
"""As Postgres itself would have it."""
LAPTOPS: dict[str, Any] = {"pool": LAPTOP_POOL, "patience": PATIENCE_OF_ANSWERS}
"""The connections to an embedded one."""
AT_ONCE = 20


async def measure(
    home: Path, settings: Mapping[str, str], questions: int, **connections: Any
) -> dict[str, float]:
    """Megabytes, processes and questions a second of one server."""
    postgres = server.start(home, settings=settings)
    try:
        database = Database(postgres.url, **connections)
        try:
            await schema.migrate(database, lambda _: None)
            return await _ask(database, home, questions)
        finally:
            await database.close()
    finally:
        postgres.stop()


async def _ask(database: Database, home: Path, questions: int) -> dict[str, float]:
    async with running_nellie(database) as nellie:
        for day in range(20):
            await nellie.add_history(
                *(f"release {day}.{n} is deployed on friday" for n in range(50))
            )
        started = time.monotonic()
        for first in range(0, questions, AT_ONCE):
            await asyncio.gather(
                *(
                    nellie.ask(ANA if n % 2 else BOB, f"when is release {n} out?", thread=f"t{n}")
                    for n in range(first, first + AT_ONCE)
                )
            )
        took = time.monotonic() - started
        parts = [_megabytes(pid) for pid in _processes(home)]
        return {
            "postgres_mb": round(sum(parts), 1),
            "postgres_processes": len(parts),
            "questions_a_second": round(questions / took, 1),
        }


def _processes(home: Path) -> list[str]:
    """Those that run in the folder of the data."""
    found = [one for one in Path("/proc").iterdir() if one.name.isdigit()]
    return [one.name for one in found if _works_in(one, home)]


def _works_in(process: Path, home: Path) -> bool:
    try:
        return (process / "cwd").readlink().is_relative_to(home)
    except OSError:  # it has ended, or is somebody else's
        return False


def _megabytes(pid: str) -> float:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("Pss:")).split()[1]) / 1024


def main() -> None:
    """Print both, ours last."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=int, default=640)
    questions = parser.parse_args().questions
    figures = {}
    for name, settings, connections in (("as a server's", SERVERS, {}), ("ours", {}, LAPTOPS)):
        with tempfile.TemporaryDirectory() as folder:
            Path(folder).chmod(0o755)
            home = Path(folder) / "home"
            figures[name] = asyncio.run(measure(home, settings, questions, **connections))
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
