"""The endpoint as an adapter: when it is there, where it listens, and what it tells."""

import socket
import subprocess
import sys
from typing import cast

import pytest

from adapters.api.adapter import ApiAdapter
from adapters.api.settings import ApiSettings
from adapters.kit.listening import Place
from bot.domain.errors import SettingsError
from bot.domain.ports import Gateway
from bot.testing.fake_ports import FakeCommands, FakeInbox, FakeTurnControl


@pytest.mark.parametrize(
    ("address", "host", "port"),
    [
        ("127.0.0.1:8081", "127.0.0.1", 8081),
        ("8081", "127.0.0.1", 8081),
        (":8081", "127.0.0.1", 8081),
        (" 0.0.0.0:1 ", "0.0.0.0", 1),  # noqa: S104  # as an operator may write it
        ("[::1]:65535", "::1", 65535),
        (":::8081", "::", 8081),
        ("nellie.example.org:443", "nellie.example.org", 443),
    ],
)
def test_it_listens_where_it_is_told(address: str, host: str, port: int) -> None:
    settings = ApiSettings.read({"NELLIE_API": address})

    assert settings is not None
    assert settings.place == Place(host, port)


@pytest.mark.parametrize("address", ["", "  "])
def test_without_an_address_there_is_none(address: str) -> None:
    assert ApiAdapter.configured({"NELLIE_API": address}) is None
    assert ApiAdapter.configured({}) is None


@pytest.mark.parametrize(
    "address",
    [
        *("here", "127.0.0.1:", "127.0.0.1:0", "a:65536", "a:-1", "a:²"),
        *("http://127.0.0.1:18081", "http://a:1/v1", "//a:80", "me@here:80", "a b:80", "a,b:80"),
    ],
)
def test_what_is_no_address_is_told(address: str) -> None:
    with pytest.raises(SettingsError, match="NELLIE_API: write host:port"):
        ApiAdapter.configured({"NELLIE_API": address})


@pytest.mark.parametrize("origins", ["chat.example.org", "https://a.org, b.org", "null"])
def test_what_is_no_origin_is_told(origins: str) -> None:
    with pytest.raises(SettingsError, match="NELLIE_API_CORS"):
        ApiAdapter.configured({"NELLIE_API": "8081", "NELLIE_API_CORS": origins})


def test_origins_are_read_as_people_write_them() -> None:
    written = " https://a.org/ ,http://localhost:3000,, *"

    settings = ApiSettings.read({"NELLIE_API": "8081", "NELLIE_API_CORS": written})

    assert settings is not None
    assert settings.origins == {"https://a.org", "http://localhost:3000", "*"}


@pytest.mark.parametrize(
    ("address", "state"), [("127.0.0.1:8081", "ok"), ("0.0.0.0:8081", "note"), ("[::]:1", "note")]
)
async def test_the_doctor_is_told_who_can_reach_it(address: str, state: str) -> None:
    adapter = ApiAdapter.configured({"NELLIE_API": address})
    assert adapter is not None

    [finding] = [one async for one in adapter.checks()]

    assert finding.state == state
    assert address in finding.what


async def test_without_a_gateway_it_says_so() -> None:
    adapter = ApiAdapter(ApiSettings(Place("127.0.0.1", 0)))

    with pytest.raises(SettingsError, match="NELLIE_API"):
        await adapter.run(FakeInbox(), FakeTurnControl(), FakeCommands())


@pytest.mark.parametrize(
    ("host", "told"),
    [
        ("127.0.0.1", "is in use: end what listens there, or set NELLIE_API to another port"),
        ("no-such-host.invalid", "no machine is known as no-such-host.invalid"),
        ("192.0.2.7", "is no address of this machine"),
    ],
)
async def test_where_it_cannot_listen_it_says_what_to_do(host: str, told: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        adapter = ApiAdapter(ApiSettings(Place(host, taken.getsockname()[1])))
        adapter.use(cast(Gateway, object()))  # nobody calls

        with pytest.raises(SettingsError, match=told):
            await adapter.run(FakeInbox(), FakeTurnControl(), FakeCommands())

    assert not adapter.connected()


def test_a_replica_without_it_loads_no_web_server() -> None:
    code = "import sys, adapters.api.adapter; sys.exit('aiohttp' in sys.modules)"

    done = subprocess.run([sys.executable, "-c", code])  # noqa: S603  # our own words

    assert done.returncode == 0
