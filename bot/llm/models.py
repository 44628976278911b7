"""The models that are in use: the general list, and what channels have chosen instead."""

from collections.abc import Callable, Sequence

from bot.llm.fallback import load
from bot.ports import Model
from bot.settings import Settings


class Models:
    """Models by name, each loaded once, when it is first needed."""

    def __init__(
        self, settings: Settings, *, loader: Callable[[Sequence[str], Settings], Model] = load
    ) -> None:
        self._settings = settings
        self._loader = loader
        self._loaded: dict[tuple[str, ...], Model] = {}

    def named(self, choice: str | None) -> Model:
        """The model that a channel chose; without a choice, the general list in its order."""
        names = (choice,) if choice in self._settings.choices and choice else self._settings.model
        if names not in self._loaded:
            self._loaded[names] = self._loader(names, self._settings)
        return self._loaded[names]

    async def context_window(self) -> int | None:
        """The smallest context window of the general list, in tokens."""
        return await self.named(None).context_window()

    async def close(self) -> None:
        """Give back what the models hold."""
        for model in self._loaded.values():
            await model.close()
