"""The models that are in use: the general list, and what channels have chosen instead."""

from collections.abc import Callable, Sequence

from bot.config import plugins
from bot.config.environment import read_environment
from bot.config.settings import Settings
from bot.domain.errors import PluginError, SettingsError
from bot.domain.ports import Model
from bot.llm.circuit_breaker import Breakers
from bot.llm.fallback import Fallback, load_models
from bot.llm.providers.known import PREFIX


class ModelRegistry:
    """Models by name, each loaded once, when it is first needed."""

    def __init__(
        self,
        settings: Settings,
        *,
        loader: Callable[[Sequence[str], Settings], Fallback] = load_models,
    ) -> None:
        self._settings = settings
        self._loader = loader
        self._loaded: dict[tuple[str, ...], Fallback] = {}

    def get(self, choice: str | None) -> Fallback:
        """The model that a channel chose; without a choice, the general list in its order."""
        names = (choice,) if choice in self._settings.choices and choice else self._settings.model
        if names not in self._loaded:
            self._loaded[names] = self._loader(names, self._settings)
        return self._loaded[names]

    def find(self, name: str) -> tuple[Model, Breakers] | None:
        """A model that is in use, by its name, with what spares it; None where none has it."""
        lists = [self.get(None)]
        if name in self._settings.choices:
            lists.append(self.get(name))
        members = (member for models in lists for member in models.members)
        return next((member for member in members if member[0].name == name), None)

    def check(self) -> None:
        """Load every model that may be chosen. Raises SettingsError."""
        environ = read_environment()
        if any(name.startswith(PREFIX) for name in environ):
            from bot.llm.providers.checks import (
                check_providers,  # only here: it loads an HTTP client
            )

            check_providers(environ, plugins.names("model"))
        for choice in (None, *self._settings.choices):
            try:
                self.get(choice)
            except PluginError as error:
                name = "NELLIE_MODELS" if choice in self._settings.models else "NELLIE_MODEL"
                raise SettingsError(name=name, reason=str(error)) from error

    async def context_window(self) -> int | None:
        """The smallest context window of the general list, in tokens."""
        return await self.get(None).context_window()

    def open_circuits(self) -> dict[str, bool]:
        """By model, whether it failed too often just now and is spared."""
        found: dict[str, bool] = {}
        for model in self._loaded.values():
            for name, is_open in model.open_circuits().items():
                found[name] = found.get(name, False) or is_open
        return found

    def is_reachable(self) -> bool:
        """Whether any of the general list may be called now."""
        return not all(self.get(None).open_circuits().values())

    async def close(self) -> None:
        """Close the models' connections."""
        for model in self._loaded.values():
            await model.close()
