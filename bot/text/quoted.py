"""Words in quotes, in which signs that part others part nothing; pure."""

QUOTES = {'"': '"', "“": "”", "„": "“", "«": "»", "「": "」"}
PARTING = ",，、،;；=[:："
"""Behind these, or at the beginning, a quote opens; anywhere else it is a sign like others."""


def find_unquoted(text: str, signs: str, start: int = 0) -> int:
    """Where the first of these signs stands that is in no quotes; -1 where none does."""
    at, opens, unclosed = start, True, set[str]()
    while at < len(text):
        one = text[at]
        if opens and (closing := QUOTES.get(one)) and closing not in unclosed:
            end = text.find(closing, at + 1)
            if end < 0:
                unclosed.add(closing)
            else:
                at, one = end, closing
        elif one in signs:
            return at
        opens = one in PARTING or (opens and one.isspace())
        at += 1
    return -1


def split_unquoted(text: str, signs: str, most: int) -> list[str]:
    """The parts between these signs; the last of so many is all that is left."""
    parts: list[str] = []
    start = 0
    while len(parts) < most - 1 and (end := find_unquoted(text, signs, start)) >= 0:
        parts.append(text[start:end])
        start = end + 1
    return [*parts, text[start:]]


def unquoted(text: str) -> str:
    """What stands between quotes that hold all of a text; any other text stays."""
    text = text.strip()
    is_quoted = len(text) > 1 and QUOTES.get(text[0]) == text[-1]
    return text[1:-1].strip() if is_quoted else text
