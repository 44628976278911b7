"""What a tool says of itself, short; pure."""


def first_sentence(description: str, most: int) -> str:
    """Its first sentence with its full stop, or as many whole words of that as fit, with "…"."""
    sentence = " ".join(description.split()).partition(". ")[0].rstrip(".")
    if len(sentence) <= most:
        return f"{sentence}." if sentence else ""
    beginning = sentence[:most]
    words, _, _ = beginning.rpartition(" ")  # a language without spaces is cut anywhere
    return f"{(words or beginning).rstrip(' .,;:')}…"
