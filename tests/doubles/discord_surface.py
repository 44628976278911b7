"""A surface without a Discord behind it."""

import asyncio

from adapters.discord.outgoing import Ending, Gone


class FakeSurface:
    """A surface that keeps what it shows, and all that was done to it."""

    def __init__(self) -> None:
        self.shown: dict[str, tuple[str, Ending]] = {}
        self.calls: list[tuple[str, str, float]] = []
        self.gone: set[str] = set()
        self.posted = asyncio.Event()
        self.slow = 0.0
        self.notice_text = ""

    @property
    def texts(self) -> list[str]:
        return [text for text, _ in self.shown.values()]

    @property
    def edits(self) -> list[float]:
        return [at for what, _, at in self.calls if what == "edit"]

    async def post(self, part: int, text: str, ending: Ending) -> str:
        post_id = f"p{len([what for what, *_ in self.calls if what == 'post'])}"
        self._record("post", post_id)
        self.posted.set()
        self.shown[post_id] = (text, ending)
        return post_id

    async def edit(self, post_id: str, text: str, ending: Ending) -> None:
        self._record("edit", post_id)
        await asyncio.sleep(self.slow)
        if post_id in self.gone:
            raise Gone
        self.shown[post_id] = (text, ending)

    async def delete(self, post_id: str) -> None:
        self._record("delete", post_id)
        if post_id in self.gone:
            raise Gone
        self.shown.pop(post_id, None)

    def notice(self) -> str:
        return self.notice_text

    def _record(self, what: str, post_id: str) -> None:
        self.calls.append((what, post_id, asyncio.get_running_loop().time()))
