"""The words of the house, as frozen dataclasses: docs/glossary.md says them in prose."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo

from bot.domain.documents import FoundPassage, PostedFile
from bot.domain.generation import Generation
from bot.domain.images import Image as Image
from bot.domain.model_input import ChatMessage as ChatMessage
from bot.domain.model_input import Purpose as Purpose
from bot.domain.model_input import Role as Role
from bot.domain.model_output import Chunk as Chunk
from bot.domain.model_output import Usage as Usage
from bot.domain.response_format import ResponseFormat as ResponseFormat
from bot.domain.tools import Tool, ToolChoice
from bot.text.sanitize import clean


@dataclass(frozen=True, slots=True)
class Channel:
    """The unit of memory, persona, model choice and privacy: nothing crosses to another one."""

    platform: str
    workspace: str
    id: str
    name: str = field(default="", compare=False)
    direct: bool = field(default=False, compare=False)
    """One person alone with Nellie: every message is meant for her."""


@dataclass(frozen=True, slots=True)
class Author:
    """Who said it: the platform's id, and the name that people see there."""

    id: str
    name: str
    nellie: bool = False
    bot: bool = False
    """Another bot, an app or a workflow: not a person."""

    @property
    def stored_id(self) -> str:
        """The id as it is stored. Nellie's is hers alone: a person who bears it is told apart."""
        if self.nellie:
            return NELLIE.id
        own = clean(self.id)
        return f"{own} (a person)" if own == NELLIE.id else own


NELLIE = Author("nellie", "Nellie", nellie=True)


@dataclass(frozen=True, slots=True)
class Message:
    """One thing said in a channel, by a person or by Nellie."""

    channel: Channel
    id: str
    """The platform's own id; unique in its channel, so that nothing is remembered twice."""
    author: Author
    text: str
    at: datetime
    """When it was said, with its timezone; a late message keeps its own time."""
    thread: str = ""
    """The id of the thread; empty at top level. What starts a thread carries its own id here."""
    reply_to: str = ""
    """The id of the message that this one replies to (Discord's replies), else empty."""
    addressed: bool = False
    """Meant for Nellie: a mention, a direct message, a reply to her, a command."""
    mentions: tuple[str, ...] = ()  # ids of people other than Nellie, replied to included
    link: str = ""
    seq: int = 0
    """Its place in the channel, from 1; 0 until it is remembered."""
    tokens: int = 0  # of its line in a prompt, in our own estimate (bot.text.tokens)
    private: bool = False
    """Asked for the asker's eyes alone: answered from the channel's memory, never part of it."""
    about: "Message | None" = field(default=None, compare=False)
    """What it was asked about from a menu (`reply_to`): to be remembered too, as its author's."""
    reply: str = ""
    """What it is answered with where no model is to be asked: a fixed text, never remembered."""
    session: str = ""
    """Gives it a lane of its own: at a console, or for the introduction."""
    edited_at: datetime | None = None
    """When it was rewritten last: a mention that it did not have before asks now, once."""
    files: tuple[PostedFile, ...] = field(default=(), compare=False)  # its text names them

    @property
    def lane(self) -> str:
        """The order its answer keeps: the thread, else the direct message, else the author."""
        if self.session:
            return f"session:{self.session}"
        if self.thread:
            return f"thread:{self.thread}"
        return "direct" if self.channel.direct else lane_of_author(self.author.id)


def lane_of_author(author_id: str) -> str:
    """The lane of one person at top level. It is kept only while something waits in it."""
    return f"author:{author_id}"


@dataclass(frozen=True, slots=True)
class Turn:
    """One answer that Nellie owes."""

    id: int
    channel: Channel
    lane: str
    trigger: Message
    attempts: int = 1
    """How often it was started, this time included; more than 1 means that a run was cut off."""
    posted: tuple[str, ...] = ()
    """The platform's ids of what an earlier attempt has posted: to be replaced in place."""
    text: str | None = None
    """The whole answer, once the model has finished: recovery then only delivers."""
    remembered: bool = True
    """False where neither question nor answer is kept: it is private, or its asker opted out."""
    waited: float = 0.0  # seconds from its question to its start
    ahead: int | None = None
    """Questions of its lane that waited when it was asked; None where nobody has counted."""

    @property
    def private(self) -> bool:
        """For the asker's eyes alone: the answer is shown to nobody else, whatever happens."""
        return self.trigger.private

    @property
    def asker(self) -> Author:
        """Who asked; known also where the question is not remembered."""
        return self.trigger.author


@dataclass(frozen=True, slots=True)
class Statement:
    """One line of a segment, with the sequence numbers of the messages that it rests on."""

    text: str
    sources: tuple[int, ...]
    kind: str = "fact"
    """"decision" where something was decided, "question" where something is open."""


@dataclass(frozen=True, slots=True)
class Segment:
    """The summary that stands in the prompt for a block of old messages; never edited."""

    first: int
    last: int
    """Lowest and highest sequence number; not all between them need be its own."""
    statements: tuple[Statement, ...]
    participants: tuple[str, ...]
    began: datetime
    ended: datetime
    tokens: int
    seqs: tuple[int, ...] = ()
    """Its messages; empty where they are all from first to last."""

    @property
    def numbers(self) -> tuple[int, ...]:
        """The sequence numbers of the messages that it stands for."""
        return self.seqs or tuple(range(self.first, self.last + 1))


@dataclass(frozen=True, slots=True)
class Prompt:
    """What goes to a language model.

    `messages` is all that a chat model needs. The fields below it hold the same material
    unrendered, for models that read no prose (the extractive one).
    """

    purpose: Purpose
    messages: tuple[ChatMessage, ...]
    max_output: int
    """Tokens the answer may take."""
    cache_key: str = ""
    """The same for all prompts of one channel, for servers that route by it."""
    trigger: Message | None = None
    recalled: Sequence[Message] = ()  # what matters for it, best first; some is in the window too
    passages: tuple[FoundPassage, ...] = ()  # shown, and cited as `[doc 1]`, counted from 1
    source: tuple[Message, ...] = ()
    """The messages to summarize, oldest first."""
    generation: Generation = field(default_factory=dict)
    """How to generate, where the channel says so (bot.domain.generation); Fallback adds what is
    said in general and of a model, and takes out what no server is sent."""
    response_format: ResponseFormat | None = None
    """The shape that the answer is to have; None for free words."""
    failed: str = ""  # that a model was asked before and failed; for one that only quotes
    goes_on: bool = False
    """The last message asks to go on with the one before it, which is the assistant's: a model that
    can go on with it as it stands leaves the last message out."""
    tools: tuple[Tool, ...] = ()
    """What the model may call; a model that knows no tools answers without."""
    tool_choice: ToolChoice = "auto"

    @property
    def tokens(self) -> int:
        """Our estimate of the whole, counted when asked; a model's own may differ by a third."""
        return sum(one.tokens for one in self.messages) + sum(one.tokens for one in self.tools)

    @property
    def has_images(self) -> bool:
        """Whether any message brings a picture."""
        return any(one.images for one in self.messages)


@dataclass(frozen=True, slots=True)
class Command:
    """A command as a person gave it, on any platform: `/memory search apt` is ("memory", ...)."""

    name: str
    arguments: str
    channel: Channel
    person: Author
    admin: bool = False
    """The platform (or NELLIE_ADMINS) gives this person rights over the channel's memory."""
    refusal: str = ""
    """Why this person is told nothing of what was said there: they could not read it themselves."""
    thread: str = ""
    """Where it was said in words: the thread, or the message that may begin one."""
    zone: tzinfo = UTC
    """Where the days of this person begin and end, for times such as "yesterday"."""
    whispered: bool = False
    """A reply that is private (`Reply.private`) is shown to this person alone, for certain."""
    by_button: bool = False
    """What it asks is answered by a button alone: a yes in the channel means something else."""
    about: Message | None = None
    """The message from whose menu it was given, as the person sees it."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a command answers. It is never remembered."""

    text: str
    private: bool = True  # for the asker's eyes only, where the platform can do that
    confirm: str = ""
    """The arguments to send once more to go through with it; empty when it is done."""
    attachment: str = ""  # a file to hand over with it (JSON lines), too long to be shown
    noted: str = ""  # what was done, for the list of changes: without a word of anybody's


@dataclass(frozen=True, slots=True)
class Received:
    """What became of a message that was handed to the engine."""

    seq: int
    """Its place in the channel; 0 when it was not stored now (a duplicate, or not to be)."""
    turn: int | None = None  # that it opened, when an answer is owed
