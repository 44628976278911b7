"""A message as people on Discord read it: one reading of events, history and exports. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.domain.documents import PostedFile, name_files

VOICE_MESSAGE = "[voice message]"
_VOICE_FILE = "voice-message."  # how Discord's own name for it begins

_POLL_RESULT = "poll_question_text"  # a field's name in the embed of a poll that has ended


@dataclass(frozen=True, slots=True)
class Poll:
    """A question, and what people may answer."""

    question: str
    answers: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """What a message shows, in Discord's markup, whichever way it came to us."""

    content: str = ""
    by_bot: bool = False
    embeds: Sequence[Mapping[str, Any]] = ()
    """As Discord's JSON has them, and DiscordChatExporter's too."""
    texts: Sequence[str] = ()
    """Those of its components."""
    poll: Poll | None = None
    stickers: Sequence[str] = ()
    forwarded: Sequence["Post"] = ()

    @property
    def text(self) -> str:
        """All of it without its files, the content first."""
        return _join(self._parts())

    def _parts(self) -> Iterator[str]:
        yield self.content.strip()
        for post in self.forwarded:
            yield f"[forwarded] {post.text}" if post.text else ""
        for embed in self.embeds:
            yield _poll_result(embed) or (_embed_text(embed) if self._shows(embed) else "")
        yield from self.texts
        if self.poll:
            answers = (f"- {answer}" for answer in self.poll.answers if answer)
            yield _join((f"[poll] {self.poll.question}", *answers))
        for name in filter(None, self.stickers):
            yield f"[sticker: {name}]"

    def _shows(self, embed: Mapping[str, Any]) -> bool:
        """Whether an embed says something itself: beside a person's words it is a link's preview.

        So it is beside a bot's, where it only shows what a link in the content leads to.
        """
        if not self.content.strip():
            return True
        url = _string(embed, "url")
        adds = embed.get("fields") or embed.get("footer") or not url or url not in self.content
        return self.by_bot and bool(adds)


def name_attachments(files: Sequence[PostedFile]) -> str:
    """The lines that name a message's files; what was spoken is called that, and comes first."""
    others = [file for file in files if not _is_spoken(file)]
    return _join((*[VOICE_MESSAGE] * (len(files) - len(others)), name_files(others)))


def _is_spoken(file: PostedFile) -> bool:
    return file.kind == "sound" and file.name.startswith(_VOICE_FILE)


def _embed_text(embed: Mapping[str, Any]) -> str:
    """An embed as it is shown, from its author down to its footer."""
    title, url = _string(embed, "title"), _string(embed, "url")
    return _join(
        (
            _string(embed, "author", "name"),
            f"{title} ({url})" if title and url else title,
            _string(embed, "description"),
            *_fields(embed),
            _string(embed, "footer", "text"),
        )
    )


def _fields(embed: Mapping[str, Any]) -> Iterator[str]:
    found = embed.get("fields")
    for field in found if isinstance(found, list) else ():
        name, value = _string(field, "name"), _string(field, "value")
        yield f"{name}: {value}" if name and value else name or value


def _poll_result(embed: Mapping[str, Any]) -> str:
    found = embed.get("fields")
    known = found if isinstance(found, list) else []
    result = {_string(field, "name"): _string(field, "value") for field in known}
    if _POLL_RESULT not in result:
        return ""
    won, votes = _winner(result), result.get("victor_answer_votes")
    ended = f"{won}, {votes} of {result.get('total_votes')} votes" if won else "no winner"
    return f"[poll ended] {result[_POLL_RESULT]} {ended}"


def _winner(result: Mapping[str, str]) -> str:
    """The answer that won; where that is an emoji alone, as it stands among the answers."""
    emoji = result.get("victor_answer_emoji_name", "")
    own = f":{emoji}:" if emoji and result.get("victor_answer_emoji_id") else emoji
    return result.get("victor_answer_text") or own


def _string(entry: Any, *path: str) -> str:
    """A text somewhere in a JSON object; "" where there is none."""
    for key in path:
        entry = entry.get(key) if isinstance(entry, Mapping) else None
    return entry.strip() if isinstance(entry, str) else ""


def _join(parts: Iterable[str]) -> str:
    return "\n".join(filter(None, parts))
