"""What a platform, a model and an archive must offer, and what they are offered."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING, Protocol, Self

from bot.domain.api import Gateway as Gateway
from bot.domain.archives import Archive as Archive
from bot.domain.delivery_log import DeliveryLog as DeliveryLog
from bot.domain.documents import NotReadable, PostedFile
from bot.domain.findings import BadLine as BadLine
from bot.domain.findings import Finding as Finding
from bot.domain.inbox import Inbox as Inbox
from bot.domain.language_model import Model as Model
from bot.domain.model import Channel, Command, Message, Reply, Turn
from bot.domain.standing import Place, Standing
from bot.domain.toolbox import Consents as Consents
from bot.domain.toolbox import Toolbox as Toolbox
from bot.domain.toolbox import ToolContext as ToolContext
from bot.domain.transcriber import Transcriber as Transcriber
from bot.domain.turn_control import TurnControl as TurnControl

if TYPE_CHECKING:
    from bot.domain.page import Page


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

    finds_posts: bool = False
    """`posted` finds what stands on the platform itself, also what `delivery_log.add` was told of
    when Nellie died: then that need not wait until it is kept."""

    stands_in_for: Sequence[str] = ()
    """Platforms whose turns it shows too, where no adapter of theirs is: people see them here."""

    @classmethod
    def configured(cls, environ: Mapping[str, str]) -> Self | None:
        """The adapter as the environment configures it; None when it is not configured."""
        return cls()

    def use(self, gateway: Gateway) -> None:
        """Before `run`: what answers programs. For who lets programs in; others need none."""
        return

    def show(self, page: "Page") -> None:
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
        return await self.has_rights_over(turn.channel, turn.asker.id)

    async def has_rights_over(self, channel: Channel, person_id: str) -> bool:
        """Whether this person has rights over a channel's memory now."""
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

    async def readable(self, channels: Sequence[Channel], person_id: str) -> Mapping[Channel, bool]:
        """Whether this person may read each of many channels now, as far as few requests say it.

        What is missing in the answer is asked of by itself (`may_read`).
        """
        return {}

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


def with_stand_ins(adapters: Mapping[str, Adapter]) -> Mapping[str, Adapter]:
    """Adapters by the platforms that they serve: their own, and where nobody else does, others'."""
    others = {name: one for one in adapters.values() for name in one.stands_in_for}
    return {**others, **adapters}
