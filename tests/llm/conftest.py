"""What the tests of models share: servers to talk to, and models built to talk to them."""

from collections.abc import AsyncIterator, Callable

import pytest
from doubles.openai_server import OpenAIServer
from doubles.tgi_server import TGIServer

from bot.config.settings import Settings, variables
from bot.domain.ports import Model


@pytest.fixture
def configure(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Settings]:
    """Settings without this machine's."""
    for name in variables():
        monkeypatch.delenv(name, raising=False)

    def make(**settings: object) -> Settings:
        return Settings(_env_file=None, **settings)

    return make


@pytest.fixture
def settings(configure: Callable[..., Settings]) -> Settings:
    """Settings with short times."""
    return configure(read_timeout=5, turn_timeout=10)


@pytest.fixture
async def build(configure: Callable[..., Settings]) -> AsyncIterator[Callable[..., Model]]:
    """Makes models, and closes them in the end."""
    built: list[Model] = []

    def make(factory: Callable[[str, Settings], Model], name: str, **settings: object) -> Model:
        built.append(factory(name, configure(**settings)))
        return built[-1]

    yield make
    for model in built:
        await model.close()


@pytest.fixture
async def openai() -> AsyncIterator[OpenAIServer]:
    async with OpenAIServer() as double:
        yield double


@pytest.fixture
async def tgi() -> AsyncIterator[TGIServer]:
    async with TGIServer() as double:
        yield double
