"""Servers that run for the tests, one after another."""

from collections.abc import Callable, Iterator

import pytest
from e2e.servers.model_servers import CHAT, EMBEDDERS, Kind, Server, Unavailable

from bot.config.settings import Settings, variables


def _running(kind: Kind, folders: pytest.TempPathFactory) -> Iterator[Server]:
    try:
        server = Server(kind, folders.mktemp("server") / "log")
    except Unavailable as reason:
        pytest.skip(str(reason))
    yield server
    server.stop()


@pytest.fixture(scope="module", params=CHAT)
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """Each of those that answer."""
    yield from _running(CHAT[request.param], tmp_path_factory)


@pytest.fixture(scope="module", params=EMBEDDERS)
def embedding_server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """Each of those that make vectors."""
    yield from _running(EMBEDDERS[request.param], tmp_path_factory)


@pytest.fixture
def configure(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Settings]:
    """Settings without this machine's."""
    for name in variables():
        monkeypatch.delenv(name, raising=False)
    return lambda **settings: Settings(**{"read_timeout": 60.0, **settings})
