"""The models that are in use: the general list, and what channels have chosen instead."""

from collections.abc import Callable, Sequence

from bot.llm.fallback import Fallback, load
from bot.settings import Settings


class Models:
    """Models by name, each loaded once, when it is first needed."""

    def __init__(
        self, settings: Settings, *, loader: Callable[[Sequence[str], Settings], Fallback] = load
    ) -> None:
        self._settings = settings
        self._loader = loader
        self._loaded: dict[tuple[str, ...], Fallback] = {}

    def named(self, choice: str | None) -> Fallback:
        """The model that a channel chose; without a choice, the general list in its order."""
        names = (choice,) if choice in self._settings.choices and choice else self._settings.model
        if names not in self._loaded:
            self._loaded[names] = self._loader(names, self._settings)
        return self._loaded[names]

    async def context_window(self) -> int | None:
        """The smallest context window of the general list, in tokens."""
        return await self.named(None).context_window()

    def resting(self) -> dict[str, bool]:
        """By model, whether it failed too often just now and is spared."""
        found: dict[str, bool] = {}
        for model in self._loaded.values():
            for name, rests in model.resting().items():
                found[name] = found.get(name, False) or rests
        return found

    def reachable(self) -> bool:
        """Whether any of the general list may be called now."""
        return not all(self.named(None).resting().values())

    async def close(self) -> None:
        """Give back what the models hold."""
        for model in self._loaded.values():
            await model.close()
