"""What a platform, a model and an archive must offer, and what they are offered."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from typing import Protocol, Self

from bot.domain.api import Gateway as Gateway
from bot.domain.archives import Archive as Archive
from bot.domain.delivery_log import DeliveryLog as DeliveryLog
from bot.domain.documents import NotReadable, PostedFile
from bot.domain.findings import BadLine as BadLine
from bot.domain.findings import Finding as Finding
from bot.domain.language_model import Model as Model
from bot.domain.model import Channel, Command, Message, Received, Reply, Turn
from bot.domain.page import Page as Page
from bot.domain.standing import Place, Standing
from bot.domain.toolbox import Consents as Consents
from bot.domain.toolbox import Toolbox as Toolbox
from bot.domain.toolbox import ToolContext as ToolContext
from bot.domain.transcriber import Transcriber as Transcriber
from bot.domain.turn_control import TurnControl as TurnControl


class Inbox(Protocol):
    """Where a platform reports what happened. What a call accepts is committed when it returns.

    received = await inbox.receive(message)
    if received.turn:
        await turns.wait_until_ended(received.turn)
    """

    async def receive(self, message: Message) -> Received:
        """Remember a message, and open a turn if it is meant for Nellie.

        The same message twice changes nothing. Raises Refused (say why, do not repeat) and
        DatabaseUnavailable (do not acknowledge: let the platform deliver it again).
        """
        ...

    async def edited(
        self,
        channel: Channel,
        message_id: str,
        text: str,
        at: datetime | None = None,
        files: Sequence[PostedFile] | None = None,
    ) -> None:
        """Rewrite a remembered message in place; what asks now is also received, with `edited_at`.

        `at` is the platform's own time of the edit: one that was made before another, and comes
        after it, by whichever replica, changes nothing. `files` are those that it has now: what is
        gone of them is forgotten, what is new is read; None leaves them as they are.
        """
        ...

    async def file_deleted(self, platform: str, workspace: str, file_id: str) -> None:
        """Forget a file, wherever it was posted, and everything that rests on it."""
        ...

    async def file_changed(self, platform: str, workspace: str, file_id: str) -> None:
        """A file says something else now: it is read again, in place of what was read of it."""
        ...

    async def reposted(self, former_id: str, message: Message) -> None:
        """A message was replaced by another of the same words: memory and answer stay, as its."""
        ...

    async def deleted(self, channel: Channel, message_id: str) -> None:
        """Forget a message, everything that rests on it, and any answer still owed for it."""
        ...

    async def joined(self, channel: Channel) -> int:
        """Nellie is in a channel of several people: she introduces herself, then reads it in.

        The introduction is a turn (`Adapter.deliver`). Raises NotIntroduced: call it again later.
        """
        ...

    async def removed(self, channel: Channel, thread: str = "") -> None:
        """Nellie was shown out of a channel, or it was deleted; or a thread of it was.

        What becomes of its memory, NELLIE_FORGET_REMOVED_DAYS says. Not for what is archived, or
        cannot be read for now: `joined` and `catch_up` take it back.
        """
        ...

    async def renamed(self, channel: Channel) -> None:
        """The channel has a new name; messages remembered under the old one keep it."""
        ...

    async def catch_up(self, channel: Channel) -> int:
        """Read in what was said while nobody listened; returns how many messages were new.

        Call it for direct messages, and `joined` for all others: at the start, after every fresh
        connection, and hourly. Reads `Adapter.history` from the cursor, which moves only when all
        was read; questions younger than NELLIE_CATCHUP are answered. Raises what `history` raises.
        """
        ...

    async def review(self, channel: Channel, *, thorough: bool = True) -> None:
        """Take over what was deleted or edited while nobody listened (`Adapter.standing`).

        Call it after `catch_up` of all channels: nobody waits for it. `thorough` looks back for
        days, as after an absence, otherwise for hours.
        """
        ...

    async def known_channels(self, platform: str, workspace: str = "") -> list[Channel]:
        """The channels of a workspace, or of all, that are remembered; the busiest first.

        Without those that were `removed` and not `joined` or read again since then.
        """
        ...

    async def known_threads(self, channel: Channel, address: str) -> list[str]:
        """The threads of a channel of which something is remembered and that were not `removed`.

        `address` is what the links of messages on the platform hold (`Standing.address`).
        """
        ...


class Commands(Protocol):
    """What follows a slash: run(Command("memory", "search apt", channel, person))."""

    async def run(self, command: Command) -> Reply:
        """Carry out a command. Raises CommandError and NotAllowed, whose texts are for people."""
        ...


class Adapter(Protocol):
    """A platform. Subclass it: what is not overridden is what a simple platform needs."""

    name: str
    """The `Channel.platform` of its messages."""

    hears: bool = True
    """People speak there; what only lets programs in has no messages."""

    served_at: str = ""
    """For who lets programs in: the address that they are given."""

    whispers: bool = False
    """It can show an answer to its asker alone, wherever the question stands."""

    @classmethod
    def configured(cls, environ: Mapping[str, str]) -> Self | None:
        """The adapter as the environment configures it; None when it is not configured."""
        return cls()

    def use(self, gateway: Gateway) -> None:
        """Before `run`: what answers programs. For who lets programs in; others need none."""
        return

    def show(self, page: Page) -> None:
        """Before `run`: what people see in a browser. For who shows it; others need none."""
        return

    async def run(self, inbox: Inbox, turns: TurnControl, commands: Commands) -> None:
        """Report what happens on the platform to the inbox, until cancelled."""
        ...

    def connected(self) -> bool:
        """Whether it hears its platform now; health checks ask."""
        return True

    async def deliver(
        self, turn: Turn, text: AsyncIterator[str], delivery_log: DeliveryLog
    ) -> None:
        """Show the answer as it comes; `turn.posted` is replaced in place, never repeated.

        When the iterator ends, the answer is whole: what is shown then must be the final state.
        """
        ...

    async def posted(self, turn: Turn) -> tuple[str, ...]:
        """What of this turn already stands on the platform, looked up there after a crash."""
        return turn.posted

    async def has_rights(self, turn: Turn) -> bool:
        """Whether who asked has rights over the channel's memory, by the platform's own rules."""
        return False

    async def is_member(self, workspace: str, person_id: str) -> bool | None:
        """Whether this person is still there, and active; None where the platform cannot say."""
        return None

    async def time_zone(self, person_id: str) -> tzinfo:
        """Where this person's days begin and end; UTC where the platform does not say."""
        return UTC

    async def may_read(self, channel: Channel, person_id: str) -> bool | None:
        """Whether this person may read this channel now; None where the platform cannot say."""
        return None

    def spell_commands(self, text: str) -> str:
        """A text that names commands (/help), with the names that people type there."""
        return text

    async def open_file(
        self, channel: Channel, message_id: str, file: PostedFile, *, small: bool = False
    ) -> AsyncIterator[bytes]:
        """The bytes of a file of a message, in pieces, asked for with the bot's own rights.

        `small`: the platform's own smaller version of a picture, where it has one. An address that
        has expired is asked for anew. Raises NotReadable (final: its reason is for people), and
        anything else where it may work later.
        """
        raise NotReadable("this platform hands no files over")
        yield b""

    async def beside(self, turn: Turn) -> Sequence[Message]:
        """What bots that are not heard wrote where the question stands: read, not remembered."""
        return ()

    async def quoted(self, turn: Turn) -> Sequence[Message]:
        """What a question from a message's menu is about (`trigger.reply_to`), as it stands now."""
        return ()

    async def history(self, channel: Channel, after: datetime) -> AsyncIterator[Message]:
        """What was said in the channel since then, oldest first, as far back as it is kept.

        With what was said since then in its threads, also in those that are older.
        """
        return
        yield

    async def standing(
        self, channel: Channel, place: Place, edited_since: datetime
    ) -> AsyncIterator[Standing]:
        """What stands in a place now, a span at a time, each only once it was read to its end.

        What is remembered of a span and missing there is forgotten. Where nothing can be said of
        it, as when the right to read it is gone, yield nothing.
        """
        return
        yield

    async def checks(self) -> AsyncIterator[Finding]:
        """What `nellie doctor` has to say of the platform: tokens, rights, and what is missing.

        Looks and changes nothing; `run` is not called. A finding for everything it looks at, the
        wrong ones with what mends them. Raises nothing for what it can name.
        """
        return
        yield
