"""Tables in text (.csv, .tsv): a row a line, with the first one as the names of the columns."""

import csv
from collections.abc import Iterator
from io import StringIO

from bot.documents.blocks import Block, TableRows
from bot.documents.kinds.plain import decode
from bot.documents.source import Source

_SEPARATORS = "\t;,|"
_LOOKED_AT = 20  # lines


def read(source: Source) -> Iterator[Block]:
    """By the separator that stands in every line."""
    csv.field_size_limit(source.session.limits.characters)
    text = decode(source)
    table = TableRows()
    for cells in csv.reader(StringIO(text, newline=""), delimiter=find_separator(text)):
        if row := table.row(cells):
            yield row


def find_separator(text: str) -> str:
    """The one that makes most of the first lines equally long; a comma where none does."""
    lines = [line for line in text[:20_000].splitlines()[:_LOOKED_AT] if line.strip()]

    def fit(separator: str) -> tuple[int, int]:
        counts = [line.count(separator) for line in lines]
        usual = max(set(counts), key=counts.count, default=0)
        return (counts.count(usual) if usual else 0), usual

    best = max(_SEPARATORS, key=fit)
    return best if fit(best)[1] else ","
