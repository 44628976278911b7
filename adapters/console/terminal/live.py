"""The lower end of a terminal while she answers: the paragraph that grows, and what goes on."""

import re
import sys
import time
from collections.abc import Iterator

from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.utils import get_cwidth

from bot.domain.ports import DeliveryLog

FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
PLAIN_FRAMES = "|/-\\"
FRAME_SECONDS = 0.1
LONGEST_TAIL = 20_000  # characters of a paragraph that are looked at while it grows
SAID = {"thinking": "searching memory"}
"""What she does before she has read anything, in the words of who waits for it."""
_MESSAGES = re.compile(r"reading ([\d,]+ messages?)")


class Progress:
    """What she is doing, as one line that moves."""

    def __init__(self) -> None:
        self.log: DeliveryLog | None = None
        self.writing = False
        self.stopping = False
        self.stoppable = False
        """It is an answer; a command is not stopped on its way."""
        self.waiting = 0
        """Lines that were typed meanwhile."""
        self._since = time.monotonic()
        self._frames = frames()

    def start(self) -> None:
        """A question was asked."""
        self.log, self.writing, self.stopping = None, False, False
        self._since = time.monotonic()

    def line(self, width: int) -> str:
        """The line now, cut to the width of the terminal."""
        seconds = time.monotonic() - self._since
        frame = self._frames[int(seconds / FRAME_SECONDS) % len(self._frames)]
        parts = [f"{frame} {self._doing()}"]
        if seconds >= 1:
            parts.append(f"{seconds:.0f} s")
        parts.append(self._how_to_stop())
        if self.waiting:
            parts.append(f"{self.waiting} more waiting")
        return "".join(next(wrapped(", ".join(parts), max(10, width - 1)), ""))

    def _how_to_stop(self) -> str:
        if self.stopping:
            return "Ctrl-C again leaves"
        return "Ctrl-C stops" if self.stoppable else "Ctrl-C twice leaves"

    def _doing(self) -> str:
        if self.stopping:
            return "stopping"
        if self.writing:
            return "writing"
        status = self.log.status if self.log else "waiting"
        if status.startswith("reading what "):
            return "asking the model"
        if read := _MESSAGES.fullmatch(status):
            return f"asking the model ({read[1]})"
        # The seconds of a model's thoughts are within those that are shown.
        return SAID.get(status, "thinking" if status.startswith("thinking, ") else status)


def frames() -> str:
    """The pictures of the moving mark that this terminal has letters for."""
    try:
        FRAMES.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return PLAIN_FRAMES
    return FRAMES


def wrapped(text: str, width: int) -> Iterator[str]:
    """The rows that a terminal of this width makes of a text."""
    for line in text.split("\n"):
        row, used = "", 0
        for character in line.expandtabs():
            size = get_cwidth(character)
            if used + size > width:
                yield row
                row, used = "", 0
            row += character
            used += size
        yield row


def tail(text: str, width: int, height: int) -> StyleAndTextTuples:
    """As many of the last rows as fit."""
    rows = list(wrapped(text[-LONGEST_TAIL:], max(1, width)))[-max(1, height) :]
    return [("", f"{row}\n") for row in rows]
