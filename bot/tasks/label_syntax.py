"""How people write what is to be sorted: `bug, praise [bug = it crashes]: TEXT`; pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.errors import CommandError
from bot.tasks.labels import LONGEST_LIST, LabelExample, find_label, short
from bot.text.quoted import find_unquoted, split_unquoted, unquoted

MOST_WRITTEN, LONGEST_EXAMPLE = 50, 1_000  # examples in a command, characters of one
LONGEST_EXAMPLES = 20_000  # characters of them all
COLONS, SEMICOLONS = ":：", ";；"


@dataclass(frozen=True, slots=True)
class Sorting:
    """The parts of such a command, as they were written."""

    labels: str
    """Or the name of a set that the channel keeps."""
    examples: str
    text: str
    """Empty where none was written."""


def split_sorting(arguments: str) -> Sorting:
    """Labels, what stands in brackets behind them, and what follows the colon.

    Raises CommandError where a bracket stays open.
    """
    end = find_unquoted(arguments[:LONGEST_LIST], f"{COLONS}[")
    if end < 0:
        return Sorting(arguments.strip(), "", "")
    labels, examples, rest = arguments[:end], "", arguments[end:]
    if rest[0] == "[":
        closing = find_unquoted(rest[:LONGEST_EXAMPLES], "]", 1)
        if closing < 0:
            raise CommandError(
                reason="The examples in [brackets] do not end: close them with ], and put in quotes"
                " what has a bracket in it."
            )
        examples, rest = rest[1:closing], rest[closing + 1 :].lstrip()
    if rest and rest[0] not in COLONS:
        raise CommandError(reason="Put a colon before the text: bug, praise [bug = no]: TEXT")
    return Sorting(labels.strip(), examples.strip(), rest[1:].strip())


def parse_examples(text: str, labels: tuple[str, ...]) -> tuple[LabelExample, ...]:
    """Read `bug = it crashes; praise = "nice; really"`. Raises CommandError."""
    parts = [part for part in split_unquoted(text, SEMICOLONS, MOST_WRITTEN + 2) if part.strip()]
    if len(parts) > MOST_WRITTEN:
        raise CommandError(reason=f"At most {MOST_WRITTEN} examples fit into a command.")
    return without_doubles([_example(part, labels) for part in parts])


def without_doubles(examples: Sequence[LabelExample]) -> tuple[LabelExample, ...]:
    """Each text once. Raises CommandError where one has two labels."""
    by_text = dict[str, LabelExample]()
    for one in examples:
        known = by_text.setdefault(" ".join(one.text.split()).casefold(), one)
        if known.label != one.label:
            raise contradiction(one.text, known.label, one.label)
    return tuple(by_text.values())


def contradiction(text: str, known: str, other: str) -> CommandError:
    """That a text is an example of two labels."""
    return CommandError(
        reason=f'"{short(text)}" is an example of "{known}" already: it cannot be one of'
        f' "{other}", too.'
    )


def require_label(labels: tuple[str, ...], wanted: str) -> str:
    """The label of this name. Raises CommandError."""
    label = find_label(labels, unquoted(wanted))
    if label is None:
        known = ", ".join(labels[:10]) + (", …" if len(labels) > 10 else "")
        raise CommandError(reason=f'"{short(wanted)}" is none of the labels: {known}.')
    return label


def require_example(text: str) -> str:
    """The text of an example. Raises CommandError."""
    text = unquoted(text)
    if not text or len(text) > LONGEST_EXAMPLE:
        raise CommandError(reason=f"An example has 1 to {LONGEST_EXAMPLE:,} characters.")
    return text


def _example(part: str, labels: tuple[str, ...]) -> LabelExample:
    label, *rest = split_unquoted(part, "=", 2)
    if not rest:
        raise CommandError(
            reason=f'"{short(part.strip())}" is no example: write label = text, with ; between'
            " two of them, and texts with ; or ] in quotes."
        )
    return LabelExample(require_label(labels, label.strip()), require_example(rest[0]))
