"""The text files that come with a message; what is not read is named as not read."""

import asyncio
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import structlog

from adapters.slack.api import Api
from bot.archive import want
from bot.text import boundary, clean

READ = 5  # files of one message
LARGEST = 100_000  # bytes of one file
SHOWN = 20_000  # characters of all files of a message
SECONDS = 1.2  # for all of them: the message is acknowledged only afterwards

_PROGRAMS = {
    "application/json", "application/javascript", "application/xml", "application/x-yaml",
    "application/yaml", "application/sql", "application/x-sh", "application/toml",
}  # fmt: skip
_NOT_TEXT = {"email", "space", "quip", "post", "canvas", "list", "gdoc", "gsheet", "gpres"}

log = structlog.get_logger(__name__)


async def text_of(api: Api, files: list[dict[str, Any]]) -> str:
    """What the files say, each under its name."""
    if not files:
        return ""
    notes = [f"[file: {_name(file)}, not read: too many files]" for file in files]
    reading = [asyncio.create_task(_note(api, file)) for file in files[:READ]]
    done, late = await asyncio.wait(reading, timeout=SECONDS)
    for number, task in enumerate(reading):
        if task in done:
            notes[number] = task.result()
        else:
            notes[number] = f"[file: {_name(files[number])}, not read: it took too long]"
    for task in late:
        task.cancel()
    await asyncio.gather(*late, return_exceptions=True)
    return _clipped("\n".join(notes))


def named(files: list[dict[str, Any]]) -> str:
    """The files by name only."""
    return "\n".join(f"[file: {_name(file)}]" for file in files)


async def _note(api: Api, file: dict[str, Any]) -> str:
    name = _name(file)
    try:
        return f"[file: {name}]\n{await _content(api, file)}"
    except ValueError as error:
        return f"[file: {name}, not read: {error}]"
    except (aiohttp.ClientError, TimeoutError, OSError):
        return f"[file: {name}, not read: Slack did not hand it over]"


async def _content(api: Api, file: dict[str, Any]) -> str:
    """The file as text. Raises ValueError, which says why not."""
    if not _is_text(file):
        raise ValueError(want(file, "pretty_type", str, "") or "it is not text")
    if want(file, "size", int, 0) > LARGEST:
        raise ValueError(f"it has more than {LARGEST // 1000} kB")
    address = want(file, "url_private_download", str, "") or want(file, "url_private", str, "")
    if not address or not _is_slacks(address, api.settings.api_url):
        raise ValueError("it is kept elsewhere")
    headers = {"Authorization": f"Bearer {api.settings.bot_token}"}
    async with (
        api.open() as session,
        session.get(address, headers=headers, allow_redirects=False) as answer,
    ):
        page = answer.content_type == "text/html" and "html" not in str(file.get("mimetype"))
        if answer.status != 200 or page:
            log.warning("slack: a file was not handed over", to_have_it="the scope files:read")
            raise ValueError("Slack did not hand it over")
        raw = await answer.content.read(LARGEST + 1)
        while len(raw) <= LARGEST and (more := await answer.content.read(LARGEST)):
            raw += more
    if len(raw) > LARGEST:
        raise ValueError(f"it has more than {LARGEST // 1000} kB")
    return clean(raw.decode("utf-8", errors="replace")).strip()


def _is_text(file: dict[str, Any]) -> bool:
    kind, mime = want(file, "filetype", str, ""), want(file, "mimetype", str, "")
    if kind in _NOT_TEXT:
        return False
    return mime.startswith("text/") or mime in _PROGRAMS or file.get("mode") == "snippet"


def _is_slacks(address: str, api_url: str) -> bool:
    """Whether the token may be shown there."""
    parts, own = urlsplit(address), urlsplit(api_url)
    if (parts.scheme, parts.netloc) == (own.scheme, own.netloc):
        return True
    host = parts.hostname or ""
    return parts.scheme == "https" and (host == "slack.com" or host.endswith(".slack.com"))


def _name(file: dict[str, Any]) -> str:
    found = next((file[key] for key in ("name", "title") if isinstance(file.get(key), str)), "")
    return " ".join(clean(found).split())[:120] or "without a name"


def _clipped(text: str) -> str:
    if len(text) <= SHOWN:
        return text
    return f"{text[: boundary(text, SHOWN)]}\n[the rest was not read: it is too long]"
