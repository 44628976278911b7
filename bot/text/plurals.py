"""A number with its noun, for texts; pure."""


def counted(count: int, noun: str, plural: str = "") -> str:
    """ "1 message", "2,000 messages"; a plural that is not made with an s is given."""
    return f"{count:,} {noun if count == 1 else plural or f'{noun}s'}"
