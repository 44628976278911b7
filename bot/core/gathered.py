"""What one answer is made from."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.core.asked_files import AskedFiles
from bot.core.consenting.resuming import Resumed
from bot.core.continuing import Continued
from bot.core.pictures import QuestionPictures
from bot.core.quoting import Quoted
from bot.domain.answer_trace import RecallScore
from bot.domain.documents import FoundPassage
from bot.domain.message_row import MessageRow
from bot.domain.model import ChatMessage, Message, Turn
from bot.llm.fallback import Fallback
from bot.memory.window import Window


@dataclass(frozen=True, slots=True)
class Gathered:
    """What one answer is made from."""

    turn: Turn
    """What is answered: where an answer goes on, that is what it was begun for."""
    window: Window
    model: Fallback
    conversation: list[Message]
    """What is being answered: the thread, the chain of replies, or the newest exchange."""
    recalled: list[MessageRow]
    latest: list[MessageRow]
    """What was said last before a window that shows little."""
    quoted: Quoted
    """What the question is about, where it was asked from a message's menu."""
    continued: Continued | None = None
    """The answer that is gone on with."""
    resumed: Resumed | None = None
    """What people have decided, where this goes on with it."""
    turns: tuple[ChatMessage, ...] = ()
    """What a program that asks says was said before."""
    pictures: QuestionPictures = field(default_factory=QuestionPictures)
    """Fetched by AnswerStream, for an answer that is to be made."""
    passages: tuple[FoundPassage, ...] = ()
    """Parts of documents that matter, best first."""
    files: AskedFiles = field(default_factory=AskedFiles)
    """Those that the question came with, or stands beside."""

    scores: Mapping[int, RecallScore] = field(default_factory=dict)
    """Why messages were recalled, by their numbers."""

    @property
    def rests_on(self) -> tuple[int, ...]:
        """What the answer is forgotten with: numbers of messages; of documents, below zero."""
        used: tuple[Message | MessageRow, ...]
        used = (*self.conversation, *self.recalled, *self.latest, *self.quoted.messages)
        gone_on_with = self.continued or self.resumed
        former = gone_on_with.seqs if gone_on_with else ()
        said = (one.seq for one in used if one.seq)
        documents = [one.document_id for one in self.passages] + self.files.summed_documents
        return tuple(dict.fromkeys((*former, *said, *(-number for number in documents))))
