"""The words that people type; pure."""


def split_word(text: str) -> tuple[str, str]:
    """The first word and what follows it, whatever white space people put between them."""
    word, *rest = text.split(maxsplit=1) or [""]
    return word, rest[0].strip() if rest else ""
