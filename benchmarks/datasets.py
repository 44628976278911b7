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

from bot.conversation import Author, Channel, Message

ADVERSARIAL = 5  # LoCoMo's category of questions that have no answer
_EVIDENCE = re.compile(r"D:?(\d+):(\d+)")
_IRC = re.compile(r"\[(\d\d):(\d\d)\]\s+(?:<([^>\s]+)\s*>|\*\s+(\S+))\s?(.*)")
_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, and the ids of the messages that hold its answer."""

    text: str
    answers: frozenset[str]
    category: str = ""


@dataclass(slots=True)
class Talk:
    """A conversation, and what is asked at its end."""

    name: str
    said: list[Message] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)

    def say(self, id_: str, name: str, text: str, at: datetime) -> None:
        """Add a message, if it says anything."""
        if text.strip():
            self.said.append(
                Message(Channel("bench", "", self.name), id_, Author(name, name), text, at)
            )


def locomo(path: Path) -> list[Talk]:
    """LoCoMo: a file or a folder of them; pictures by their captions."""
    talks = []
    for sample in (one for file in _files(path, "*.json") for one in json.loads(file.read_text())):
        talk = Talk(str(sample.get("sample_id", f"conversation {len(talks)}")))
        _sessions(talk, sample["conversation"])
        known = {said.id for said in talk.said}
        for entry in sample["qa"]:
            ids = {
                f"D{a}:{b}"
                for one in entry.get("evidence") or ()
                for a, b in _EVIDENCE.findall(one)
            }
            if entry["category"] != ADVERSARIAL and ids & known:
                asked = Asked(entry["question"], frozenset(ids & known), str(entry["category"]))
                talk.asked.append(asked)
        talks.append(talk)
    return talks


def _sessions(talk: Talk, conversation: dict[str, object]) -> None:
    numbers = sorted(int(key[8:]) for key in conversation if re.fullmatch(r"session_\d+", key))
    for number in numbers:
        when = datetime.strptime(  # made aware in the next line
            str(conversation[f"session_{number}_date_time"]), "%I:%M %p on %d %B, %Y"
        ).replace(tzinfo=UTC)
        turns = conversation[f"session_{number}"]
        assert isinstance(turns, list)
        for place, turn in enumerate(turns):
            caption = f" [photo: {turn['blip_caption']}]" if turn.get("blip_caption") else ""
            at = when + timedelta(seconds=20 * place)
            talk.say(turn["dia_id"], turn["speaker"], turn["text"] + caption, at)


def merged(talks: Iterable[Talk]) -> Talk:
    """All of them in one channel, sitting by sitting in the order of their dates."""
    whole, sittings = Talk("merged"), list[list[tuple[str, Message]]]()
    for talk in talks:
        last = None
        for said in talk.said:
            if last is None or said.at - last > timedelta(hours=1):
                sittings.append([])
            sittings[-1].append((f"{talk.name} {said.id}", said))
            last = said.at
        for asked in talk.asked:
            answers = frozenset(f"{talk.name} {id_}" for id_ in asked.answers)
            whole.asked.append(Asked(asked.text, answers, asked.category))
    for sitting in sorted(sittings, key=lambda sitting: sitting[0][1].at):
        for id_, said in sitting:
            whole.say(id_, said.author.name, said.text, said.at)
    return whole


def qmsum(path: Path) -> list[Talk]:
    """QMSum: meetings as JSON lines, without times; their questions about one part of them."""
    talks = []
    lines = (line for file in _files(path, "*.jsonl") for line in file.read_text().splitlines())
    for number, line in enumerate(filter(str.strip, lines)):
        meeting, talk = json.loads(line), Talk(f"meeting {number}")
        for place, turn in enumerate(meeting["meeting_transcripts"]):
            at = datetime(2024, 1, 1, 9, tzinfo=UTC) + timedelta(seconds=10 * place)
            talk.say(str(place), turn["speaker"], turn["content"], at)
        known = {said.id for said in talk.said}
        for entry in meeting["specific_query_list"]:
            spans = entry["relevant_text_span"]
            ids = {str(n) for first, last in spans for n in range(int(first), int(last) + 1)}
            if ids & known:
                talk.asked.append(Asked(entry["query"], frozenset(ids & known)))
        talks.append(talk)
    return talks


def irc(path: Path) -> Iterator[tuple[Talk, dict[str, frozenset[str]]]]:
    """Each log, and for each message that answers another: its conversation's earlier messages."""
    for links in sorted(path.rglob("*.annotation.txt")):
        talk = _log(links.with_name(links.name.replace(".annotation.", ".raw.")))
        pairs = [
            tuple(map(int, line.split()[:2])) for line in links.read_text().splitlines() if line
        ]
        known = {int(said.id) for said in talk.said}
        parts = _parts([(a, b) for a, b in pairs if a in known and b in known])
        answering = {max(pair) for pair in pairs if pair[0] != pair[1]}
        yield (
            talk,
            {
                str(number): frozenset(str(other) for other in parts[number] if other < number)
                for number in sorted(answering & parts.keys())
                if min(parts[number]) < number
            },
        )


def _log(path: Path) -> Talk:
    talk, date = Talk(path.name), _DATE.search(path.name)
    day = (
        datetime(*map(int, date.groups()), tzinfo=UTC) if date else datetime(2024, 1, 1, tzinfo=UTC)
    )
    last = timedelta()
    for number, line in enumerate(path.read_text(errors="replace").splitlines()):
        if found := _IRC.match(line):
            hours, minutes, nick, doer, text = found.groups()
            clock = timedelta(hours=int(hours), minutes=int(minutes))
            day += timedelta(days=clock < last)
            last = clock
            talk.say(str(number), nick or doer, text, day + clock)
    return talk


def _parts(pairs: Iterable[tuple[int, int]]) -> dict[int, set[int]]:
    """Each message -> its conversation: all that links join."""
    parts: dict[int, set[int]] = {}
    for one, other in pairs:
        joined = parts.get(one, {one}) | parts.get(other, {other})
        parts.update(dict.fromkeys(joined, joined))
    return parts


def _files(path: Path, pattern: str) -> list[Path]:
    return sorted(path.rglob(pattern)) if path.is_dir() else [path]
