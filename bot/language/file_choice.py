"""Which files a request for a summary means: of its own message, beside it, or by name. Pure."""

import re
from collections.abc import Iterable, Sequence

from bot.domain.documents import FilePost
from bot.language.folding import fold_values
from bot.language.intents.file_summaries import FileSummary

MOST = 3  # files that are summed up at once
SHORTEST_STEM = 4  # letters of a word that tell it in another form, too
_WORD = re.compile(r"[^\W_]+")


def choose_files(
    asked: FileSummary, nearest: Sequence[Iterable[int]], posts: Sequence[FilePost]
) -> list[FilePost]:
    """Of the channel's files, the newest first, those that are meant; none where nothing tells.

    `nearest` has the numbers of messages: of the question itself, then of what it is about, and so
    on; their files are meant first.
    """
    fitting = [one for one in posts if _fits(asked, one)]
    for number, seqs in enumerate(nearest):
        here = set(seqs)
        near = [one for one in fitting if one.seq in here]
        if near and (number <= 1 or asked.names_file or asked.words):
            return _each_once(near)[: 1 if number > 1 else MOST]
    named = [one for one in fitting if asked.names_file or _is_named_whole(asked, one)]
    return named[:1] if asked.names_file or asked.words else []


def _fits(asked: FileSummary, post: FilePost) -> bool:
    """Whether all that was said of a file is true of this one."""
    name = fold_values(post.file.name)
    if asked.endings and name.rpartition(".")[2] not in asked.endings:
        return False
    span = asked.span
    if span and not (span.start <= post.at and (span.end is None or post.at < span.end)):
        return False
    known = _WORD.findall(f"{name} {fold_values(post.author)}")
    return all(_is_known(word, known, name) for word in asked.words)


def _is_known(word: str, known: Sequence[str], name: str) -> bool:
    parts = _WORD.findall(word)
    if not word.isascii() and word in name:  # scripts without spaces
        return True
    return bool(parts) and any(_is_same(parts[-1], one) for one in known)


def _is_same(word: str, known: str) -> bool:
    """Whether it is a word, or one of its forms."""
    stem = known[: max(SHORTEST_STEM, len(known) - 2)]
    return word == known or (len(known) >= SHORTEST_STEM and word.startswith(stem))


def _is_named_whole(asked: FileSummary, post: FilePost) -> bool:
    """Whether its name was said, but for its ending, numbers, and little words."""
    name = fold_values(post.file.name).rpartition(".")[0] or fold_values(post.file.name)
    telling = [one for one in _WORD.findall(name) if not one.isdigit() and len(one) > 1]
    said = [part for word in asked.words for part in _WORD.findall(word)]
    joined = "".join(asked.words)
    return bool(telling) and all(
        any(_is_same(word, one) for word in said) or (not one.isascii() and one in joined)
        for one in telling
    )


def _each_once(posts: Iterable[FilePost]) -> list[FilePost]:
    """The same content once."""
    return list({one.document_id or (one.seq, one.file.id): one for one in posts}.values())
