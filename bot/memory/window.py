"""The channel's window as prompts show it: rendered once, kept, and extended by what is new."""

from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.domain.model import Message
from bot.prompting.budget import Budget
from bot.prompting.cache_marks import find_ends, find_first_ends
from bot.prompting.message_line import format_line
from bot.store.channels import ChannelState
from bot.store.messages import Messages, Moment
from bot.store.summaries import Summaries
from bot.store.turn_outcome import ShownWindow

NEWEST = 4  # messages kept for the conversation of a direct message
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
    moments: list[Moment] = field(default_factory=list)
    """When each line was said: they stand in this order."""
    newest: list[Message] = field(default_factory=list)
    """The last few, for the conversation of a direct message."""
    last: int = 0
    total: int = 0
    shown_before: bool = False
    """Whether a prompt from here has shown it, with the digest that stands before it."""
    digest: str | None = None
    """Read when a prompt first needs it; every change of it comes with a new window."""

    def add(self, message: Message, limit: int) -> None:
        """Put one message in its place by time: at the end, unless it is late."""
        moment = moment_of(message)
        place = bisect_right(self.moments, moment)
        start = self.starts[place] if place < len(self.starts) else self.total
        self.total += message.tokens
        self.starts[place:] = [one + message.tokens for one in self.starts[place:]]
        if self.lines and place == 0 and start > 0:
            return  # it belongs to what is left out already
        self.lines.insert(place, format_line(message, limit))
        self.starts.insert(place, start)
        self.seqs.insert(place, message.seq)
        self.moments.insert(place, moment)
        self.newest = sorted([*self.newest, message], key=moment_of)[-NEWEST:]

    def render(self, budget: Budget) -> tuple[int, str]:
        """(number of the first line shown, transcript): whole blocks are left out until it fits."""
        return self.first_shown(budget), "\n".join(self.lines[self._start(budget) :])

    def first_shown(self, budget: Budget) -> int:
        """The number of the first line that a prompt with this budget shows, or of the next."""
        start = self._start(budget)
        return self.seqs[start] if start < len(self.seqs) else self.last + 1

    def ends(self, budget: Budget) -> tuple[int, ...]:
        """Where in what `render` gives a model server's cache may keep it up to."""
        start = self._start(budget)
        if not self.shown_before:
            return find_first_ends(self.lines[start:])
        return find_ends(self.lines[start:], self.starts[start:], self.total)

    def tokens_shown(self, budget: Budget) -> int:
        """The tokens of what a prompt with this budget shows."""
        start = self._start(budget)
        return self.total - self.starts[start] if start < len(self.starts) else 0

    def shown(self, budget: Budget) -> list[int]:
        """The numbers of the messages that a prompt with this budget shows."""
        return self.seqs[self._start(budget) :]

    def snapshot(self, shown: Sequence[int], tokens: int = 0) -> ShownWindow:
        """What was shown of it, to see later whether all of that still stands."""
        return ShownWindow(
            epoch=self.state.epoch,
            forgotten=self.state.forgotten,
            seqs=tuple(shown),
            digest=bool(self.digest),
            tokens=tokens,
        )

    def _start(self, budget: Budget) -> int:
        over = max(0, self.total - budget.high - budget.overrun)
        skipped = -(-over // budget.block) * budget.block
        return bisect_left(self.starts, skipped)

    def trim(self, budget: Budget) -> None:
        """Drop the lines that no prompt shows any more."""
        count = bisect_left(self.starts, self.total - budget.high - 3 * budget.block)
        if count > TRIM_FROM:
            del self.lines[:count], self.starts[:count], self.seqs[:count], self.moments[:count]


def moment_of(message: Message) -> Moment:
    """Its place in the order of time."""
    return message.at, message.seq


class Windows:
    """The windows of the channels that this replica works for."""

    def __init__(self, *, messages: Messages, summaries: Summaries, budget: Budget) -> None:
        self.budget = budget
        self._messages = messages
        self._summaries = summaries
        self._windows: OrderedDict[int, Window] = OrderedDict()

    async def read(self, channel_id: int) -> Window:
        """The window, with everything in it that is committed now."""
        window = self.known(channel_id)
        if window is None:
            return await self._read_whole(channel_id)
        new = await self._messages.read_window(channel_id, after=window.last, limit=READ_LIMIT)
        return await self.read_on(window, *new)

    def known(self, channel_id: int) -> Window | None:
        """The window as it was read last; None where it has to be read whole."""
        return self._windows.get(channel_id)

    async def read_on(self, window: Window, state: ChannelState, new: Sequence[Message]) -> Window:
        """A window with what has come into it after its last number, as was read just now.

        Read whole where it has changed otherwise.
        """
        if not self._extend(window, state, new):
            return await self._read_whole(window.state.id)
        if window.state.epoch == state.epoch:  # else another lane has read on meanwhile
            window.state = state
        return self._keep(window)

    async def _read_whole(self, channel_id: int) -> Window:
        state, new = await self._messages.read_window(channel_id, after=0, limit=READ_LIMIT)
        return self._keep(self._open(state, new))

    def _keep(self, window: Window) -> Window:
        self._windows[window.state.id] = window
        self._windows.move_to_end(window.state.id)
        if len(self._windows) > KEPT:
            self._windows.popitem(last=False)
        return window

    async def read_digest(self, window: Window) -> str:
        """The digest that stands before a window; it is read once for each window."""
        if window.digest is None:
            window.digest = await self._summaries.digest(window.state.id)
        return window.digest

    def _open(self, state: ChannelState, messages: Sequence[Message]) -> Window:
        """A new window: as much of what was said, up to the newest, as a prompt can show."""
        window = Window(state, last=state.watermark)
        window.total = state.window_tokens - sum(message.tokens for message in messages)
        most = self.budget.high + self.budget.most_overrun
        for message in messages:
            if window.total + message.tokens <= state.window_tokens - most:
                window.total += message.tokens  # no prompt shows it, so it need not be rendered
            else:
                window.add(message, self.budget.message)
        window.last = state.seq
        return window

    def _extend(self, window: Window, state: ChannelState, new: Sequence[Message]) -> bool:
        """Add what is new; False when that is too much, or what is shown has changed."""
        if window.state.epoch < state.epoch or len(new) == READ_LIMIT:
            return False
        for message in new:
            if window.last < message.seq <= state.seq:  # lanes extend the same window side by side
                window.add(message, self.budget.message)
        window.last = max(window.last, state.seq)
        window.trim(self.budget)
        return True
