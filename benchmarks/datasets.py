"""Public conversations with questions and what answers them, as their authors publish them.

LoCoMo (snap-research/LoCoMo, CC BY-NC 4.0), QMSum (Yale-LILY/QMSum, MIT) and the Ubuntu IRC
disentanglement (jkkummerfeld/irc-disentanglement, CC BY 4.0). None of them is in this repository.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.domain.model import Author, Channel, Message

ADVERSARIAL = 5  # LoCoMo's category of questions that have no answer
_EVIDENCE = re.compile(r"D:?(\d+):(\d+)")
_IRC = re.compile(r"\[(\d\d):(\d\d)\]\s+(?:<([^>\s]+)\s*>|\*\s+(\S+))\s?(.*)")
_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)")


@dataclass(frozen=True, slots=True)
class Question:
    """A question, and the ids of the messages that hold its answer."""

    text: str
    answers: frozenset[str]
    category: str = ""


@dataclass(slots=True)
class Conversation:
    """A conversation, and what is asked at its end."""

    name: str
    messages: list[Message] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)

    def add(self, id_: str, name: str, text: str, at: datetime) -> None:
        """Add a message, if it says anything."""
        if text.strip():
            self.messages.append(
                Message(Channel("bench", "", self.name), id_, Author(name, name), text, at)
            )


def locomo(path: Path) -> list[Conversation]:
    """LoCoMo: a file or a folder of them; pictures by their captions."""
    conversations: list[Conversation] = []
    for sample in (one for file in _files(path, "*.json") for one in json.loads(file.read_text())):
        found = Conversation(str(sample.get("sample_id", f"conversation {len(conversations)}")))
        _add_sessions(found, sample["conversation"])
        known = {message.id for message in found.messages}
        for entry in sample["qa"]:
            ids = {
                f"D{a}:{b}"
                for one in entry.get("evidence") or ()
                for a, b in _EVIDENCE.findall(one)
            }
            if entry["category"] != ADVERSARIAL and ids & known:
                answers = frozenset(ids & known)
                found.questions.append(Question(entry["question"], answers, str(entry["category"])))
        conversations.append(found)
    return conversations


def _add_sessions(found: Conversation, conversation: dict[str, object]) -> None:
    sessions = sorted(int(key[8:]) for key in conversation if re.fullmatch(r"session_\d+", key))
    for session in sessions:
        when = datetime.strptime(  # made aware in the next line
            str(conversation[f"session_{session}_date_time"]), "%I:%M %p on %d %B, %Y"
        ).replace(tzinfo=UTC)
        turns = conversation[f"session_{session}"]
        assert isinstance(turns, list)
        for number, turn in enumerate(turns):
            caption = f" [photo: {turn['blip_caption']}]" if turn.get("blip_caption") else ""
            at = when + timedelta(seconds=20 * number)
            found.add(turn["dia_id"], turn["speaker"], turn["text"] + caption, at)


def merge(conversations: Iterable[Conversation]) -> Conversation:
    """All of them in one channel, in the order of their dates, cut where an hour is silent."""
    whole, parts = Conversation("merged"), list[list[tuple[str, Message]]]()
    for one in conversations:
        last = None
        for message in one.messages:
            if last is None or message.at - last > timedelta(hours=1):
                parts.append([])
            parts[-1].append((f"{one.name} {message.id}", message))
            last = message.at
        for question in one.questions:
            answers = frozenset(f"{one.name} {id_}" for id_ in question.answers)
            whole.questions.append(Question(question.text, answers, question.category))
    for part in sorted(parts, key=lambda part: part[0][1].at):
        for id_, message in part:
            whole.add(id_, message.author.name, message.text, message.at)
    return whole


def qmsum(path: Path) -> list[Conversation]:
    """QMSum: meetings as JSON lines, without times; their questions about one part of them."""
    conversations = []
    lines = (line for file in _files(path, "*.jsonl") for line in file.read_text().splitlines())
    for number, line in enumerate(filter(str.strip, lines)):
        meeting, found = json.loads(line), Conversation(f"meeting {number}")
        for index, turn in enumerate(meeting["meeting_transcripts"]):
            at = datetime(2024, 1, 1, 9, tzinfo=UTC) + timedelta(seconds=10 * index)
            found.add(str(index), turn["speaker"], turn["content"], at)
        known = {message.id for message in found.messages}
        for entry in meeting["specific_query_list"]:
            spans = entry["relevant_text_span"]
            ids = {str(n) for first, last in spans for n in range(int(first), int(last) + 1)}
            if ids & known:
                found.questions.append(Question(entry["query"], frozenset(ids & known)))
        conversations.append(found)
    return conversations


def irc(path: Path) -> Iterator[tuple[Conversation, dict[str, frozenset[str]]]]:
    """Each log, and for each message that answers another: its conversation's earlier messages."""
    for links in sorted(path.rglob("*.annotation.txt")):
        log = _read_log(links.with_name(links.name.replace(".annotation.", ".raw.")))
        pairs = [
            tuple(map(int, line.split()[:2])) for line in links.read_text().splitlines() if line
        ]
        known = {int(message.id) for message in log.messages}
        joined = _join_links([(a, b) for a, b in pairs if a in known and b in known])
        answering = {max(pair) for pair in pairs if pair[0] != pair[1]}
        yield (
            log,
            {
                str(number): frozenset(str(other) for other in joined[number] if other < number)
                for number in sorted(answering & joined.keys())
                if min(joined[number]) < number
            },
        )


def _read_log(path: Path) -> Conversation:
    log, date = Conversation(path.name), _DATE.search(path.name)
    year, month, day_of_month = map(int, date.groups()) if date else (2024, 1, 1)
    day = datetime(year, month, day_of_month, tzinfo=UTC)
    last = timedelta()
    for number, line in enumerate(path.read_text(errors="replace").splitlines()):
        if found := _IRC.match(line):
            hours, minutes, nick, actor, text = found.groups()
            clock = timedelta(hours=int(hours), minutes=int(minutes))
            day += timedelta(days=clock < last)
            last = clock
            log.add(str(number), nick or actor, text, day + clock)
    return log


def _join_links(pairs: Iterable[tuple[int, int]]) -> dict[int, set[int]]:
    """Each message -> its conversation: all that links join."""
    parts: dict[int, set[int]] = {}
    for one, other in pairs:
        joined = parts.get(one, {one}) | parts.get(other, {other})
        parts.update(dict.fromkeys(joined, joined))
    return parts


def _files(path: Path, pattern: str) -> list[Path]:
    return sorted(path.rglob(pattern)) if path.is_dir() else [path]
