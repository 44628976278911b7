"""What the tests of models share: servers to talk to, and models built to talk to them."""

from collections.abc import AsyncIterator, Callable

import pytest
from doubles.openai import OpenAIDouble
from doubles.tgi import TGIDouble

from bot.ports import Model
from bot.settings import Settings, variables


@pytest.fixture
def configure(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Settings]:
    """Settings without this machine's."""
    for name in variables():
        monkeypatch.delenv(name, raising=False)

    def make(**settings: object) -> Settings:
        return Settings(_env_file=None, **settings)

    return make


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
async def openai() -> AsyncIterator[OpenAIDouble]:
    async with OpenAIDouble() as double:
        yield double


@pytest.fixture
async def tgi() -> AsyncIterator[TGIDouble]:
    async with TGIDouble() as double:
        yield double
