"""Spares a model that keeps failing, and tries it again after a while."""

import time
from collections.abc import Callable

from bot.domain.errors import (
    IncompleteAnswer,
    ModelError,
    ModelOverloaded,
    ModelRejected,
    ModelTimeout,
    ModelUnavailable,
)
from bot.domain.model import Purpose

FAILURES = 3  # in a row, after which a model is spared
OPEN_SECONDS = 30.0  # that a model is spared, before one call tests it
# A refusal of the key, the bill or the model's name; and a server that waited in vain.
_FOR_EVERYONE = (401, 402, 403, 404, 408)
_BROKEN = 424  # in TGI, what is asked next is likely to fail too
_TOO_MANY_REQUESTS = 429  # a server that says so is well

Clock = Callable[[], float]


class CircuitBreaker:
    """Opens when its model has failed three times in a row, for half a minute."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._failures = 0
        self._open_until = 0.0

    @property
    def is_open(self) -> bool:
        """Whether the model is spared now."""
        return self._failures >= FAILURES and self._clock() < self._open_until

    def admit(self) -> bool:
        """Whether to call; once half a minute is over, this lets one call through as a test."""
        if self._failures < FAILURES:
            return True
        if self._clock() < self._open_until:
            return False
        self._open_until = self._clock() + OPEN_SECONDS
        return True

    def record(self, error: ModelError | None) -> None:
        """How a call ended. What only says something of one prompt shows that the model lives."""
        if error is None or not _is_ill(error):
            self._failures = 0
            return
        self._failures += 1
        self._open_until = self._clock() + OPEN_SECONDS


def _is_ill(error: ModelError) -> bool:
    """Whether the server itself failed, for whoever asks, and not for one prompt or one key."""
    if isinstance(error, ModelRejected):
        return error.details.get("status") in _FOR_EVERYONE
    if isinstance(error, ModelOverloaded):
        return error.details.get("status") != _TOO_MANY_REQUESTS
    if error.details.get("status") == _BROKEN:
        return True
    return isinstance(error, ModelUnavailable | ModelTimeout | IncompleteAnswer)


class Breakers:
    """The circuit breakers of one model: what fails in the background keeps no person waiting."""

    def __init__(self, clock: Clock) -> None:
        self.answers = CircuitBreaker(clock)
        self._background = CircuitBreaker(clock)

    def of(self, purpose: Purpose) -> CircuitBreaker:
        """The one that calls of this purpose go through."""
        return self.answers if purpose == "answer" else self._background
