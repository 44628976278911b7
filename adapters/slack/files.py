"""The files of a message in Slack, as the kit reads them: downloaded with our token."""

import asyncio
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import structlog

from adapters.kit.text_files import (
    AttachedFile,
    NotRead,
    is_text,
    name_files,
    read_limited,
    read_text_files,
)
from adapters.slack.web_api import WebApi
from bot.domain.errors import NellieError
from bot.domain.http_proxy import find_proxy
from bot.text.json_fields import read_field

SECONDS = 1.2  # for all files of a message: it is acknowledged only afterwards
STUB_SECONDS = 0.8  # of those, to be told about the files of a shared channel

_NOT_TEXT = {"email", "space", "quip", "post", "canvas", "list", "gdoc", "gsheet", "gpres"}
_NOT_DOWNLOADED = "Slack did not hand it over"
_STUBS = {
    "access_denied": "Slack does not let me see it",
    "file_not_found": "Slack no longer has it",
    "hidden_by_limit": "Slack's plan hides it",
    "tombstone": "it was deleted",
}
"""Why Slack says nothing of a file but its id, by its mode or access."""

log = structlog.get_logger(__name__, platform="slack")


async def read_files(api: WebApi, files: Iterable[dict[str, Any]]) -> str:
    """What the files say, each under its name."""
    known = await asyncio.gather(*(_described(api, file) for file in files))
    return await read_text_files([_attached(api, file) for file in known], seconds=SECONDS)


def list_files(files: Iterable[dict[str, Any]]) -> str:
    """The files by name only."""
    return name_files(map(_name, files))


async def _described(api: WebApi, file: dict[str, Any]) -> dict[str, Any]:
    """The file; in place of a stub, as Slack Connect sends them, what Slack says when asked."""
    if file.get("file_access") != "check_file_info":
        return file
    try:
        async with asyncio.timeout(STUB_SECONDS):
            answer = await api.read("files.info", file=_field(file, "id", str, ""))
        return read_field(answer, "file", dict)
    except (NellieError, TimeoutError, ValueError) as error:
        log.info("file_not_described", reason=str(error) or type(error).__name__)
    return file


def _attached(api: WebApi, file: dict[str, Any]) -> AttachedFile:
    async def download() -> bytes:
        return await _download(api, file)

    return AttachedFile(
        name=_name(file),
        is_text=_is_text(file),
        size=_field(file, "size", int, 0),
        kind=_reason(file),
        download=download,
    )


def _field(file: dict[str, Any], key: str, kind: type[Any], default: Any) -> Any:
    """A field of a file; one of the wrong type says nothing."""
    try:
        return read_field(file, key, kind, default)
    except ValueError:
        return default


def _name(file: dict[str, Any]) -> str:
    return str(_field(file, "name", str, "") or _field(file, "title", str, ""))


def _reason(file: dict[str, Any]) -> str:
    """Why a file is not read, where that is certain."""
    for key in ("mode", "file_access"):
        if reason := _STUBS.get(_field(file, key, str, "")):
            return reason
    if file.get("file_access") == "check_file_info":
        return _NOT_DOWNLOADED
    return str(_field(file, "pretty_type", str, ""))


def _is_text(file: dict[str, Any]) -> bool:
    if _field(file, "filetype", str, "") in _NOT_TEXT:
        return False
    return is_text(_field(file, "mimetype", str, "")) or file.get("mode") == "snippet"


async def _download(api: WebApi, file: dict[str, Any]) -> bytes:
    """At most a little more than MOST_BYTES. Raises NotRead."""
    url = _field(file, "url_private_download", str, "") or _field(file, "url_private", str, "")
    if not _is_slacks_own(url, api.settings.api_url):
        raise NotRead("it is kept elsewhere")
    headers = {"Authorization": f"Bearer {api.settings.bot_token}"}
    try:
        async with (
            api.session() as session,
            session.get(
                url, headers=headers, allow_redirects=False, proxy=find_proxy(url)
            ) as response,
        ):
            # Slack's own page, where the scope is missing.
            is_page = response.content_type == "text/html"
            if response.status != 200 or (is_page and "html" not in str(file.get("mimetype"))):
                log.warning("file_not_downloaded", fix="add the scope files:read")
                raise NotRead(_NOT_DOWNLOADED)
            return await read_limited(response.content.read)
    except (aiohttp.ClientError, TimeoutError, OSError):
        raise NotRead(_NOT_DOWNLOADED) from None


def _is_slacks_own(url: str, api_url: str) -> bool:
    """Whether our token may be sent there."""
    try:
        parts, own = urlsplit(url), urlsplit(api_url)
    except ValueError:
        return False
    if (parts.scheme, parts.netloc) == (own.scheme, own.netloc):
        return True
    host = parts.hostname or ""
    return parts.scheme == "https" and (host == "slack.com" or host.endswith(".slack.com"))
