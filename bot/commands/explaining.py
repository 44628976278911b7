"""Why a model did not do what a command wanted, in a sentence for people."""

from collections.abc import Iterator
from contextlib import contextmanager

from bot.domain.errors import CommandError, LimitReached, ModelError, NeedsModel


@contextmanager
def explaining(what: str) -> Iterator[None]:
    """Raises CommandError in place of LimitReached and ModelError: "I could not sort it. …"."""
    try:
        yield
    except NeedsModel as error:
        raise CommandError(reason=str(error)) from error
    except (LimitReached, ModelError) as error:
        raise CommandError(reason=f"I could not {what}. {error}") from error
