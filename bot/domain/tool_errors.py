"""What a tool raises that cannot do what it was asked for."""

from bot.domain.errors import NellieError


class ToolFailed(NellieError):
    """A tool cannot do what a model asked of it: the model is told why. Details: reason."""

    text = "{reason}"
