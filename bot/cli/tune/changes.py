"""What changed in texts, sentence by sentence: a persona is often one line."""

from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher

from bot.cli.tables import wrap
from bot.documents.sentences import split
from bot.text.sanitize import clean
from bot.tuning.parts import PARTS, Part, Texts

ONLY_SPACES = "(only spaces and line breaks are others)"
WHOLE = 10_000  # tokens: no sentence of a prompt is cut

KEPT, GONE, NEW = "  ", "- ", "+ "


def changes(before: Mapping[Part, str], after: Texts, columns: int) -> Iterator[str]:
    """By part, all its sentences with what became of each, in lines that fit."""
    for part in PARTS:
        if part not in after or before[part] == after[part]:
            continue
        yield f"--- {part} (now)"
        yield f"+++ {part} (new)"
        now, new = _sentences(before[part]), _sentences(after[part])
        if now == new:
            yield ONLY_SPACES
        for mark, sentence in _marked(now, new):
            yield wrap(sentence, columns, first=mark, rest=KEPT)


def _sentences(text: str) -> list[str]:
    lines = clean(text).splitlines()
    return [" ".join(one.split()) for line in lines for one in split(line, WHOLE) if one.strip()]


def _marked(now: list[str], new: list[str]) -> Iterator[tuple[str, str]]:
    matcher = SequenceMatcher(a=now, b=new, autojunk=False)
    for kind, now_from, now_to, new_from, new_to in matcher.get_opcodes():
        if kind == "equal":
            yield from ((KEPT, one) for one in now[now_from:now_to])
            continue
        yield from ((GONE, one) for one in now[now_from:now_to])
        yield from ((NEW, one) for one in new[new_from:new_to])
