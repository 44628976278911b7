"""The channel's window as prompts show it: rendered once, kept, and extended by what is new."""

from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.domain.model import Message
from bot.prompting.budget import Budget
from bot.prompting.message_line import format_line
from bot.store.channels import ChannelState
from bot.store.messages import Messages
from bot.store.summaries import Summaries
from bot.store.turn_outcome import ShownWindow

KEPT = 256  # windows kept in memory, of about 40 kB each
READ_LIMIT = 2_000  # messages read for a window at most: more short ones than fit one
TRIM_FROM = 200  # lines that no prompt shows any more are dropped when they are more than this


@dataclass(slots=True)
class Window:
    """The messages since the last compaction, cut at whole blocks when there are too many."""

    state: ChannelState
    lines: list[str] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    """Tokens from the watermark to the beginning of each line: they tell where a block ends."""
    seqs: list[int] = field(default_factory=list)
    newest: list[Message] = field(default_factory=list)
    """The last few messages, for the conversation of a direct message."""
    last: int = 0
    total: int = 0
    digest: str | None = None
    """Read when a prompt first needs it; every change of it comes with a new window."""

    def append(self, message: Message, limit: int) -> None:
        """Add one message; nothing before it changes."""
        self.lines.append(format_line(message, limit))
        self.starts.append(self.total)
        self.total += message.tokens
        self.seqs.append(message.seq)
        self.newest = [*self.newest[-3:], message]
        self.last = message.seq

    def render(self, budget: Budget) -> tuple[int, str]:
        """(first number shown, transcript): whole blocks are left out until the rest fits."""
        over = max(0, self.total - budget.high)
        skipped = -(-over // budget.block) * budget.block
        start = bisect_left(self.starts, skipped)
        if start == len(self.lines):
            return self.last + 1, ""
        return self.seqs[start], "\n".join(self.lines[start:])

    def tokens_from(self, first: int) -> int:
        """The tokens of what is shown from this number on."""
        at = bisect_left(self.seqs, first)
        return self.total - self.starts[at] if at < len(self.starts) else 0

    def snapshot(self, first: int) -> ShownWindow:
        """What is shown from this number on, to see later whether all of it still stands."""
        return ShownWindow(
            epoch=self.state.epoch,
            forgotten=self.state.forgotten,
            first=first,
            last=self.last,
            messages=len(self.seqs) - bisect_left(self.seqs, first),
            digest=bool(self.digest),
        )

    def trim(self, budget: Budget) -> None:
        """Drop the lines that no prompt shows any more."""
        count = bisect_left(self.starts, self.total - budget.high - 2 * budget.block)
        if count > TRIM_FROM:
            del self.lines[:count], self.starts[:count], self.seqs[:count]


class Windows:
    """The windows of the channels that this replica works for."""

    def __init__(self, *, messages: Messages, summaries: Summaries, budget: Budget) -> None:
        self.budget = budget
        self._messages = messages
        self._summaries = summaries
        self._windows: OrderedDict[int, Window] = OrderedDict()

    async def read(self, channel_id: int) -> Window:
        """The window, with everything in it that is committed now."""
        window = self._windows.get(channel_id)
        after = window.last if window else 0
        state, new = await self._messages.read_window(channel_id, after=after, limit=READ_LIMIT)
        if window and not self._extend(window, state, new):
            window = None
            state, new = await self._messages.read_window(channel_id, after=0, limit=READ_LIMIT)
        window = window or self._open(state, new)
        if window.state.epoch == state.epoch:  # else another lane has read on meanwhile
            window.state = state
        self._windows[channel_id] = window
        self._windows.move_to_end(channel_id)
        if len(self._windows) > KEPT:
            self._windows.popitem(last=False)
        return window

    async def read_digest(self, window: Window) -> str:
        """The digest that stands before a window; it is read once for each window."""
        if window.digest is None:
            window.digest = await self._summaries.digest(window.state.id)
        return window.digest

    def _open(self, state: ChannelState, messages: Sequence[Message]) -> Window:
        """A new window: as much of what was read, from the newest on, as a prompt can show."""
        window = Window(state, last=state.watermark)
        window.total = state.window_tokens - sum(message.tokens for message in messages)
        for message in messages:
            if window.total + message.tokens <= state.window_tokens - self.budget.high:
                window.total += message.tokens  # no prompt shows it, so it need not be rendered
            else:
                window.append(message, self.budget.message)
        window.last = state.seq
        return window

    def _extend(self, window: Window, state: ChannelState, new: Sequence[Message]) -> bool:
        """Add what is new; False when that is too much, or what is shown has changed."""
        if window.state.epoch < state.epoch or len(new) == READ_LIMIT:
            return False
        for message in new:
            if window.last < message.seq <= state.seq:  # lanes extend the same window side by side
                window.append(message, self.budget.message)
        window.last = max(window.last, state.seq)
        window.trim(self.budget)
        return True
