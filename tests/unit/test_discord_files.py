"""A file that Discord garbled, or does not hand over, is named with the reason."""

from types import SimpleNamespace
from typing import Any

import discord
import pytest

from adapters.discord.files import read_attachments

URLS = [
    7,
    None,
    [],
    {"x": 1},
    "",
    "notes.txt",
    "ftp://x/notes.txt",
    "http://[",
    "http://127.0.0.1:1/x",
]


def attachment(**fields: Any) -> discord.Attachment:
    plain = {"id": "1", "filename": "notes.txt", "size": 3, "url": "", "proxy_url": ""}
    state: Any = SimpleNamespace(http=None)
    return discord.Attachment(data=plain | fields, state=state)  # type: ignore[arg-type]


@pytest.mark.parametrize("url", URLS, ids=str)
async def test_a_file_at_no_address_is_named(url: object) -> None:
    said = await read_attachments([attachment(url=url)])

    assert said == "[file: notes.txt, not read: Discord did not hand it over]"


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:1", "http://127.0.0.1:1", "127.0.0.1:1"])
async def test_a_file_behind_a_proxy_that_does_not_work_is_named(
    monkeypatch: pytest.MonkeyPatch, proxy: str
) -> None:
    monkeypatch.setenv("http_proxy", proxy)
    monkeypatch.delenv("no_proxy", raising=False)

    said = await read_attachments([attachment(url="http://cdn.example/notes.txt")])

    assert said == "[file: notes.txt, not read: Discord did not hand it over]"
