"""Progress of long work on standard error: a moving bar at a terminal, else a line now and then."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from bot.text.sanitize import clean

ProgressCallback = Callable[[int, int | None], None]
"""Called with how much is done, and the total where it is known."""

INTERVAL = 5.0  # seconds between lines where there is no terminal


@contextmanager
def show_progress(title: str) -> Iterator[ProgressCallback]:
    """Show the progress that the callback is told, for as long as the block lasts."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _line_writer(title)
        return
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(clean(title), total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


@dataclass(slots=True)
class Stages:
    """Progress of work with several stages, one after the other: each is shown by itself."""

    _stack: ExitStack = field(default_factory=ExitStack)
    _name: str = ""
    _show: ProgressCallback | None = None

    def __call__(self, name: str, done: int, total: int | None) -> None:
        """The stage of this name is so far."""
        if self._show is None or name != self._name:
            self.close()
            self._name, self._show = name, self._stack.enter_context(show_progress(name))
        self._show(done, total)

    def close(self) -> None:
        """End what is shown."""
        self._stack.close()
        self._show = None


def _line_writer(title: str) -> ProgressCallback:
    began = last = time.monotonic()

    def write(done: int, total: int | None) -> None:
        nonlocal last
        if time.monotonic() - last >= INTERVAL:
            last = time.monotonic()
            of = f" of {total:,}{_left(last - began, done, total)}" if total else ""
            sys.stderr.write(f"{clean(title)}: {done:,}{of}\n")

    return write


def _left(seconds: float, done: int, total: int) -> str:
    """How long the rest will take at the same pace."""
    if not 0 < done < total:
        return ""
    left = seconds / done * (total - done)
    return f", {left / 60:.0f} min left" if left >= 90 else f", {left:.0f} s left"
