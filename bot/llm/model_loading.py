"""From a name of NELLIE_MODEL to the model: an installed one, or one of a provider."""

from bot.config import plugins
from bot.config.environment import read_environment
from bot.config.settings import Settings
from bot.domain.errors import PluginError, SettingsError
from bot.domain.ports import Model
from bot.llm.providers.known import KNOWN, variables_prefix


def load_model(name: str, settings: Settings) -> Model:
    """The model "<kind>/<name>". Raises PluginError and SettingsError."""
    kind, _, rest = name.partition("/")
    if not kind:
        reason = f'"{name}" names no provider: write <provider>/<model>, as in ollama/llama3.2'
        raise SettingsError(name="NELLIE_MODEL", reason=reason)
    installed = plugins.names("model")
    if kind in installed:
        model: Model = plugins.load("model", kind)(rest, settings)
        return model
    # Only here: an HTTP client is behind one, OpenAI's library behind the other.
    from bot.llm.providers.finding import at_azure, find_provider

    environ = read_environment()
    provider = find_provider(kind, environ)
    if provider is None:
        known = ", ".join(sorted({*KNOWN, *installed}))
        own = variables_prefix(kind)
        reason = f"it is not installed (there is: {known}); for a server of your own set {own}_URL"
        raise PluginError(kind="model", name=kind, reason=reason)
    from bot.llm.openai.chat import OpenAI

    return OpenAI(rest, settings, at_azure(provider, rest, environ))
