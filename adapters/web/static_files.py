"""Style, scripts and icon: read once, at addresses with their hash, so that browsers keep them."""

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from adapters.web.headers import KEEP_FOR_GOOD

FOLDER = Path(__file__).parent / "static"
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
ADDRESS = "/static/"


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A file as it is sent."""

    name: str
    hash: str
    content_type: str
    body: bytes
    squeezed: bytes

    @property
    def address(self) -> str:
        """Where it is found for as long as it says this."""
        return f"{ADDRESS}{self.hash}/{self.name}"


class StaticFiles:
    """All of them. What is not among them when it starts is nowhere: no path leads to a folder."""

    def __init__(self, folder: Path = FOLDER) -> None:
        files = [_read(path) for path in sorted(folder.iterdir()) if path.suffix in TYPES]
        self._by_address: Mapping[str, StaticFile] = {one.address: one for one in files}
        self._by_name: Mapping[str, StaticFile] = {one.name: one for one in files}

    def address(self, name: str) -> str:
        """Where a file of this name is found."""
        return self._by_name[name].address

    async def answer(self, request: web.Request) -> web.Response:
        """Send a file. Raises HTTPNotFound."""
        found = self._by_address.get(request.path)
        if found is None:
            raise web.HTTPNotFound
        squeezed = "gzip" in request.headers.get("Accept-Encoding", "")
        headers = {"Cache-Control": KEEP_FOR_GOOD, "Vary": "Accept-Encoding"}
        if squeezed:
            headers["Content-Encoding"] = "gzip"
        return web.Response(
            body=found.squeezed if squeezed else found.body,
            content_type=found.content_type,
            charset="utf-8",
            headers=headers,
        )


def _read(path: Path) -> StaticFile:
    body = path.read_bytes()
    return StaticFile(
        name=path.name,
        hash=hashlib.sha256(body).hexdigest()[:16],
        content_type=TYPES[path.suffix],
        body=body,
        squeezed=gzip.compress(body, mtime=0),
    )
