"""Runs the tasks of a client and prints what came of each, as JSON."""

import json
import sys
from collections.abc import Callable, Mapping
from typing import Any

Tasks = Mapping[str, Callable[[], Any]]


def tell(tasks: Tasks) -> None:
    """Every task, also after one that failed: that is a failed test of its own."""
    json.dump({name: _tried(task) for name, task in tasks.items()}, sys.stdout)


def _tried(task: Callable[[], Any]) -> Any:
    try:
        return task()
    except Exception as error:  # whatever the client raises
        return {"failed": f"{type(error).__name__}: {error}"}
