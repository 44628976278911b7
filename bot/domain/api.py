"""What the team's own OpenAI endpoint offers: callers with their keys, answers, and what fails."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from bot.domain.errors import NellieError

Body = Mapping[str, Any]
"""The JSON of a request, an answer or one event, as OpenAI's wire has it."""

Written = Body | bytes
"""The same; bytes are JSON as a model's server wrote it, to be handed on as it is."""


def read_body(written: Written) -> Body:
    """The JSON of what may still be bytes."""
    if isinstance(written, bytes):
        read: Body = json.loads(written)
        return read
    return written


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who calls: a key is a person."""

    key_id: int
    platform: str
    """Where the person is, with `workspace`; empty for a key whose person is on no platform."""
    workspace: str
    person_id: str
    name: str
    team: str
    """Whose budget it is besides the person's; equal calls are made once within it."""
    models: tuple[str, ...] = ()
    """What may be asked for, `*` standing for any letters; empty: everything."""
    trusted: bool = False
    """A front end whose headers name the person who sits before it."""
    address: str = ""
    """Where this call came from."""
    alone: bool = False
    """This call is to be made for itself, also where an equal one is under way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedModel:
    """A model by the name that callers ask for it."""

    id: str
    owned_by: str
    created: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiAnswer:
    """An answer: its `body`, or its `events` where it is streamed.

    With `events`, the first has come from the model already. Closing them ends the model's call.
    """

    body: Written | None = None
    events: AsyncIterator[Written] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    """What was saved, which model answered, and what else callers may read."""


class ApiError(NellieError):
    """A call failed, as OpenAI's errors say it. Details: reason."""

    text = "{reason}"

    def __init__(
        self,
        reason: str,
        *,
        status: int,
        type: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        retry_after: float | None = None,
        may_retry: bool | None = None,
        more: Body | None = None,
    ) -> None:
        """`may_retry` is told to SDKs; without it, they decide by the status."""
        super().__init__(reason=reason)
        self.status = status
        self.type = type
        self.code = code
        self.param = param
        self.retry_after = retry_after
        """Seconds."""
        self.may_retry = may_retry
        self.request_id = ""
        """The call that failed, where one was begun."""
        self.more = more or {}
        """What a model's server said of it besides, such as what its filter found."""
        self.told = False
        """The events of the answer say so already."""


class Gateway(Protocol):
    """Calls of programs, answered. Everything raises ApiError, and nothing else."""

    async def identify(self, key: str, address: str, headers: Mapping[str, str]) -> Caller:
        """Whose key it is; `address` is where it came from, and slowed down for wrong ones."""
        ...

    async def models(self, caller: Caller) -> Sequence[OfferedModel]:
        """What this caller may ask for."""
        ...

    async def model(self, caller: Caller, name: str) -> OfferedModel:
        """One of them, by any name that calls may have for it."""
        ...

    async def chat(self, caller: Caller, body: Body) -> ApiAnswer:
        """Chat Completions; streamed where `body["stream"]` says so."""
        ...

    async def responses(self, caller: Caller, body: Body) -> ApiAnswer:
        """Responses; likewise."""
        ...

    async def compact(self, caller: Caller, body: Body) -> ApiAnswer:
        """The items of a Responses request, summed up in one."""
        ...

    async def embeddings(self, caller: Caller, body: Body) -> ApiAnswer:
        """Embeddings."""
        ...
