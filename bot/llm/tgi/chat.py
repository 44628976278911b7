"""TGI's Chat Completions, for servers that cannot render a chat for others to count."""

from bot.config.settings import Settings
from bot.domain.ports import Model
from bot.llm.openai.chat import OpenAI
from bot.llm.providers.provider import Provider
from bot.llm.tgi.connection import join, parse_tgi_url


def open_chat(name: str, adapter: str, settings: Settings) -> Model:
    """The model at TGI's /v1, where the model's name is the adapter's, or "tgi" for none."""
    provider = Provider(
        name="tgi",
        url=join(parse_tgi_url(settings.tgi_url or ""), "v1/"),
        key=settings.tgi_api_key,
        is_local=True,
    )
    model = OpenAI(adapter or "tgi", settings, provider)
    model.name = name
    return model
