"""The Web API's front: tokens, scopes, arguments, faults, and the shape of an answer."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import TYPE_CHECKING, Any

from aiohttp import web
from doubles.slack_server.shapes import KINDS, Json, Refused, Room

if TYPE_CHECKING:
    from doubles.slack_server import Slack

Run = Callable[["Slack", "Call"], Json]
APP_METHODS = {"apps.connections.open"}
METHODS: dict[str, tuple[Run, tuple[str, ...]]] = {}
"""What a method does, and the scopes of which it needs one."""
BOT_TOKEN, APP_TOKEN = "xoxb-double-1", "xapp-double-1"


def method(name: str, *scopes: str) -> Callable[[Run], Run]:
    """A method of the Web API, with the scopes of which it needs one."""

    def keep(run: Run) -> Run:
        METHODS[name] = (run, scopes)
        return run

    return keep


@dataclass
class Call:
    """One call as it arrived."""

    method: str
    token: str
    args: Json
    at: float = field(default_factory=time.monotonic)
    answer: Json = field(default_factory=dict)
    """What was answered, or would have been if the connection had held."""

    def get(self, name: str, default: Any = None) -> Any:
        return self.args.get(name, default)

    def require(self, name: str) -> Any:
        """Raises Refused."""
        if self.args.get(name) in (None, ""):
            messages = [f"[ERROR] missing required field: {name}"]
            raise Refused("invalid_arguments", response_metadata={"messages": messages})
        return self.args[name]

    def is_true(self, name: str, *, default: bool = False) -> bool:
        value = self.args.get(name, default)
        return value if isinstance(value, bool) else str(value).lower() in ("1", "true")

    def json(self, name: str) -> Any:
        """An argument that may come as JSON within a form. Raises Refused."""
        value = self.args.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError:
            raise Refused("invalid_arguments") from None


async def answer(slack: "Slack", request: web.Request) -> web.StreamResponse:
    """One call of the Web API."""
    name = request.match_info["method"]
    call = Call(name, *await _arguments(request))
    slack.calls.append(call)
    if fault := slack.faults.answer_instead(name):
        slack.notify()
        return fault
    try:
        call.answer = {"ok": True, **_run(slack, call)}
    except Refused as refused:
        call.answer = {"ok": False, "error": refused.error, **refused.more}
    call.answer = slack.faults.spoil.get(name, _unspoiled)(call.answer)
    slack.notify()
    await slack.faults.after_call(name, request)
    headers = {
        "X-OAuth-Scopes": ",".join(sorted(slack.scopes)),
        "Date": formatdate(time.time() + slack.clock_ahead, usegmt=True),
    }
    return web.json_response(call.answer, headers=headers)


def _unspoiled(answer: Json) -> Json:
    return answer


def _run(slack: "Slack", call: Call) -> Json:
    _authorize(slack, call)
    if call.method not in METHODS:
        raise Refused("unknown_method", req_method=call.method)
    run, scopes = METHODS[call.method]
    if scopes:
        require_scope(slack, *scopes)
    return run(slack, call)


def _authorize(slack: "Slack", call: Call) -> None:
    if not call.token:
        raise Refused("not_authed")
    if call.token not in (BOT_TOKEN, APP_TOKEN):
        raise Refused("invalid_auth")
    if slack.revoked:
        raise Refused(slack.revoked)
    if (call.token == APP_TOKEN) != (call.method in APP_METHODS):
        raise Refused("not_allowed_token_type")


def require_scope(slack: "Slack", *scopes: str) -> None:
    """One of these scopes was granted, else Refused is raised."""
    if not slack.scopes.intersection(scopes):
        provided = ",".join(sorted(slack.scopes))
        raise Refused("missing_scope", needed=scopes[0], provided=provided)


def require_room_scope(slack: "Slack", room: Room, what: str) -> None:
    """The scope for this kind of room: "history" or "read"."""
    require_scope(slack, f"{KINDS[room.kind]}:{what}")


async def _arguments(request: web.Request) -> tuple[str, Json]:
    """The token and the arguments, however they were sent."""
    given: Json = dict(request.query)
    if request.content_type == "application/json":
        given |= await request.json()
    elif request.can_read_body:
        given |= dict(await request.post())
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    return token or given.pop("token", ""), given


def paginate(
    items: list[Any], call: Call, *, most: int = 1000, usual: int = 100
) -> tuple[list[Any], Json]:
    """The items of this page, and what the answer says about the next. Raises Refused."""
    limit = int(call.get("limit") or usual)
    if not 1 <= limit <= most:
        raise Refused("invalid_limit")
    cursor = call.get("cursor") or "0"
    if not cursor.isdigit():
        raise Refused("invalid_cursor")
    first = int(cursor)
    rest = len(items) > first + limit
    return items[first : first + limit], {
        "response_metadata": {"next_cursor": str(first + limit) if rest else ""}
    }
