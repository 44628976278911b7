"""The channel's window as prompts show it: rendered once, kept, and grown by what is new."""

from bisect import bisect_left
from collections import OrderedDict
from dataclasses import dataclass, field

from bot.context import Budget, line
from bot.conversation import Message
from bot.store.channels import ChannelState
from bot.store.messages import Messages
from bot.store.turns import Seen

KEPT = 256  # windows kept in memory, of about 40 kB each
ROWS = 2_000  # messages read for a window at most: more short ones than fit one


@dataclass(slots=True)
class Window:
    """The messages since the last compaction, cut at whole blocks when there are too many."""

    state: ChannelState
    lines: list[str] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    """Tokens from the watermark to the beginning of each line: where a block ends, it says."""
    seqs: list[int] = field(default_factory=list)
    newest: list[Message] = field(default_factory=list)
    """The last few messages, for the conversation of a direct message."""
    last: int = 0
    total: int = 0
    digest: str | None = None
    """Read when a prompt first needs it; every change of it comes with a new window."""

    def append(self, message: Message, limit: int) -> None:
        """Grow by one message; nothing before it changes."""
        self.lines.append(line(message, limit))
        self.starts.append(self.total)
        self.total += message.tokens
        self.seqs.append(message.seq)
        self.newest = [*self.newest[-3:], message]
        self.last = message.seq

    def shown(self, budget: Budget) -> tuple[int, str]:
        """(first number shown, transcript): whole blocks are left out until the rest fits."""
        over = max(0, self.total - budget.high)
        skipped = -(-over // budget.block) * budget.block
        start = bisect_left(self.starts, skipped)
        if start == len(self.lines):
            return self.last + 1, ""
        return self.seqs[start], "\n".join(self.lines[start:])

    def seen(self, first: int) -> Seen:
        """What is shown from this number on, to see later whether all of it still stands."""
        messages = len(self.seqs) - bisect_left(self.seqs, first)
        state = self.state
        return Seen(state.epoch, state.forgotten, first, self.last, messages, bool(self.digest))

    def trim(self, budget: Budget) -> None:
        """Let go of lines that no prompt shows any more."""
        gone = bisect_left(self.starts, self.total - budget.high - 2 * budget.block)
        if gone > 200:
            del self.lines[:gone], self.starts[:gone], self.seqs[:gone]


class Windows:
    """The windows of the channels that this replica works for."""

    def __init__(self, messages: Messages, budget: Budget) -> None:
        self._messages = messages
        self.budget = budget
        self._windows: OrderedDict[int, Window] = OrderedDict()

    async def read(self, channel_id: int) -> Window:
        """The window, with everything in it that is committed now."""
        window = self._windows.get(channel_id)
        after = window.last if window else 0
        state, fresh = await self._messages.grown(channel_id, after=after, limit=ROWS)
        if window and not self._grow(window, state, fresh):
            window = None
            state, fresh = await self._messages.grown(channel_id, after=0, limit=ROWS)
        window = window or self._opened(state, fresh)
        if window.state.epoch == state.epoch:  # else another lane has read on meanwhile
            window.state = state
        self._windows[channel_id] = window
        self._windows.move_to_end(channel_id)
        if len(self._windows) > KEPT:
            self._windows.popitem(last=False)
        return window

    def _opened(self, state: ChannelState, found: list[Message]) -> Window:
        """A new window: as much of what was found, from the newest on, as a prompt can show."""
        window = Window(state, last=state.watermark)
        window.total = state.window_tokens - sum(message.tokens for message in found)
        for message in found:
            if window.total + message.tokens <= state.window_tokens - self.budget.high:
                window.total += message.tokens  # no prompt shows it, so it need not be rendered
            else:
                window.append(message, self.budget.line)
        window.last = state.seq
        return window

    def _grow(self, window: Window, state: ChannelState, fresh: list[Message]) -> bool:
        """Add what is new; False when that is too much, or what is shown has changed."""
        if window.state.epoch < state.epoch or len(fresh) == ROWS:
            return False
        for message in fresh:
            if window.last < message.seq <= state.seq:  # lanes grow the same window side by side
                window.append(message, self.budget.line)
        window.last = max(window.last, state.seq)
        window.trim(self.budget)
        return True
