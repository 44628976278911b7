"""Files that a visitor brings: what is taken, and what people are told where one is not."""

from bot.domain.errors import NellieError

MOST_AT_ONCE = 50
"""Files of one message."""


class FileRefused(NellieError):
    """A file was not taken, and nothing of it is kept. Details: name, reason."""

    text = "{name} was not taken: {reason}."


class FileTooLarge(FileRefused):
    """It is larger than what is read of files."""


class NoRoomForFiles(FileRefused):
    """Enough of this person, or of everybody, waits to be read."""

    hint = "Try again when what you brought before has been read."
