"""Which proxy an address is asked through, by the usual variables."""

import pytest

from bot.domain.errors import SettingsError
from bot.domain.http_proxy import find_proxy

DISCORD = "https://discord.com/api/v10"


@pytest.fixture(autouse=True)
def no_proxy_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.mark.parametrize(
    ("environ", "proxy"),
    [
        ({}, None),
        ({"HTTPS_PROXY": "http://p:1"}, "http://p:1"),
        ({"https_proxy": "p:1"}, "http://p:1"),
        ({"ALL_PROXY": "http://p:2"}, "http://p:2"),
        ({"HTTP_PROXY": "http://p:1"}, None),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "discord.com"}, None),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "*"}, None),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "example.org"}, "http://p:1"),
    ],
)
def test_finds_the_proxy(
    monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], proxy: str | None
) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)

    assert find_proxy(DISCORD) == proxy


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "ALL_PROXY"])
def test_names_a_proxy_that_does_not_serve(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "socks5://127.0.0.1:9")

    with pytest.raises(SettingsError, match=rf"^{name}: "):
        find_proxy(DISCORD)
