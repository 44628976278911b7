"""Safeguards that can be taken out of a running Nellie, to see that a chaos run notices.

Each is one named function or one SQL condition. A replica without it is told so by its environment:
the folder of `removed` is on its PYTHONPATH, and Python runs the sitecustomize.py in it first.
"""

import asyncio
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

TESTS = Path(__file__).parents[1]
ROOT = TESTS.parent

applied: list[str] = []
"""What was changed in this process: an entry for each function and each SQL text."""
wanted: list[str] = []
"""What was to be changed: what of it is not in `applied` has left Nellie as she is."""


@contextmanager
def removed(name: str, *, tools: str = "") -> Iterator[Mapping[str, str]]:
    """The variables of a replica without this safeguard, and with the tools at this address."""
    if not (name or tools):
        yield {}
        return
    with tempfile.TemporaryDirectory(prefix="nellie-safeguard-") as folder:
        start = f"from chaos import safeguards\nsafeguards.remove({name!r})\n" if name else ""
        if tools:
            start += f"from doubles import remote_tools\nremote_tools.install({tools!r})\n"
        (Path(folder) / "sitecustomize.py").write_text(start)
        yield {"PYTHONPATH": f"{folder}:{ROOT}:{TESTS}"}


def remove(name: str) -> None:
    """Take a safeguard out of this process, before anything of Nellie's was imported."""
    SAFEGUARDS[name]()


def _replace_function(owner: Any, name: str, new: Callable[..., Any]) -> None:
    assert callable(getattr(owner, name)), f"{owner} has no function {name}"
    setattr(owner, name, new)
    wanted.append(f"{owner.__name__}.{name}")
    applied.append(f"{owner.__name__}.{name}")


def _replace_sql(pattern: str, new: str) -> None:
    """In every SQL text from now on, wherever it comes from."""
    import sqlalchemy

    make = sqlalchemy.text
    wanted.append(f"sql: {pattern}")

    def make_changed(text: str) -> sqlalchemy.TextClause:
        changed, times = re.subn(pattern, new, text)
        applied.extend([f"sql: {pattern}"] * times)
        return make(changed)

    sqlalchemy.text = make_changed


def remove_the_fence() -> None:
    """A replica believes that its lease is good, whoever works on the lane by now."""
    _replace_sql(
        r"(SELECT 1 FROM lane\s+WHERE channel_id = :channel AND lane = :lane) "
        r"AND owner IS NOT DISTINCT FROM :owner AND epoch = :epoch",
        r"\1 AND (owner = :owner OR epoch <> :epoch OR true)",
    )
    from bot.store.heartbeat import Heartbeat

    _replace_function(Heartbeat, "alive", lambda self: True)


def remove_the_dedupe_key() -> None:
    """The same message is stored as often as it comes (SCHEMA_CHANGES drops the unique key)."""
    _replace_sql(r"AND m\.external_id = i\.external_id", "AND false")


def remove_the_look_for_own_posts() -> None:
    """After a crash nobody looks in Slack for what is posted there already."""
    from adapters.slack import own_posts

    async def find(self: object, *arguments: object) -> list[object]:
        return []

    classes = [one for one in vars(own_posts).values() if isinstance(one, type)]
    [finder] = [one for one in classes if "find" in vars(one)]
    _replace_function(finder, "find", find)


def remove_the_commit_before_the_acknowledgement() -> None:
    """The inbox returns at once, and stores what it was given when it comes to it."""
    from bot.core.inbox import Inbox
    from bot.domain.model import Message, Received

    receive = Inbox.receive
    tasks = set[asyncio.Task[Received]]()

    async def receive_later(self: Inbox, message: Message) -> Received:
        task = asyncio.ensure_future(receive(self, message))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
        return Received(0)

    _replace_function(Inbox, "receive", receive_later)


def remove_the_review() -> None:
    """What was deleted or edited while nobody listened is never looked for."""
    from bot.core.inbox import Inbox
    from bot.domain.model import Channel

    async def review(self: Inbox, channel: Channel, *, thorough: bool = True) -> None:
        return

    _replace_function(Inbox, "review", review)


def remove_the_row_before_the_call() -> None:
    """A call that changes something starts without a word of it in its row."""
    from bot.store.tool_calls import StoredCall, ToolCalls
    from bot.store.turns import Lease

    async def start(self: ToolCalls, lease: Lease, call: StoredCall) -> bool:
        return True

    _replace_function(ToolCalls, "start", start)


SAFEGUARDS: dict[str, Callable[[], None]] = {
    "the fence": remove_the_fence,
    "the dedupe key": remove_the_dedupe_key,
    "the look for what is posted": remove_the_look_for_own_posts,
    "the commit before the acknowledgement": remove_the_commit_before_the_acknowledgement,
    "the review of what was said": remove_the_review,
    "the row before the call": remove_the_row_before_the_call,
}

SCHEMA_CHANGES: dict[str, Sequence[str]] = {
    "the dedupe key": (
        "ALTER TABLE message DROP CONSTRAINT uq_message_channel_id_external_id",
        "CREATE INDEX ON message (channel_id, external_id)",
    ),
}
"""What is changed in the tables of a run without a safeguard."""
