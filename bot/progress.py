"""Progress of long work: a moving line for people, a line now and then for a log."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bot.text import clean

Progressed = Callable[[int, int | None], None]
EVERY = 5.0  # seconds between lines where nobody watches


@contextmanager
def progress(title: str) -> Iterator[Progressed]:
    """A function to call with (done, total or None); shown on standard error."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _logged(title)
        return
    what = TextColumn("{task.description}", markup=False)
    columns = (what, BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(clean(title), total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _logged(title: str) -> Progressed:
    last = time.monotonic()

    def shown(done: int, total: int | None) -> None:
        nonlocal last
        if time.monotonic() - last >= EVERY:
            last = time.monotonic()
            of = f" of {total:,}" if total else ""
            sys.stderr.write(f"{clean(title)}: {done:,}{of}\n")

    return shown
