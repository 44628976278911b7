"""Providers by name: address, key, headers and dialect of each, from the usual variables."""

from collections.abc import AsyncIterator, Callable

import pytest
from doubles.raw_stream_server import RawStreamServer

from bot.config.settings import Settings
from bot.domain.errors import ModelUnavailable, PluginError, SettingsError
from bot.domain.model import Prompt
from bot.llm.fallback import load_models
from bot.llm.providers.checks import check_providers
from bot.llm.providers.finding import at_azure, find_provider
from bot.llm.providers.known import KNOWN
from bot.llm.registry import ModelRegistry
from bot.testing import collect, prompt_of

Configure = Callable[..., Settings]

ANSWER = b'data: {"choices": [{"delta": {"content": "Red."}, "finish_reason": "stop"}]}\n\n'
DOCUMENTED = {
    "openai": ({"OPENAI_API_KEY": "k"}, "https://api.openai.com/v1/"),
    "anthropic": ({"ANTHROPIC_API_KEY": "k"}, "https://api.anthropic.com/v1/"),
    "azure": (
        {"AZURE_OPENAI_ENDPOINT": "https://me.openai.azure.com/", "AZURE_OPENAI_API_KEY": "k"},
        "https://me.openai.azure.com/openai/v1/",
    ),
    "gemini": (
        {"GEMINI_API_KEY": "k"},
        "https://generativelanguage.googleapis.com/v1beta/openai/",
    ),
    "vertex": (
        {"GOOGLE_CLOUD_PROJECT": "p", "GOOGLE_CLOUD_LOCATION": "eu", "VERTEX_ACCESS_TOKEN": "k"},
        "https://eu-aiplatform.googleapis.com/v1/projects/p/locations/eu/endpoints/openapi/",
    ),
    "bedrock": (
        {"AWS_REGION": "us-west-2", "AWS_BEARER_TOKEN_BEDROCK": "k"},
        "https://bedrock-runtime.us-west-2.amazonaws.com/openai/v1/",
    ),
    "mistral": ({"MISTRAL_API_KEY": "k"}, "https://api.mistral.ai/v1/"),
    "groq": ({"GROQ_API_KEY": "k"}, "https://api.groq.com/openai/v1/"),
    "openrouter": ({"OPENROUTER_API_KEY": "k"}, "https://openrouter.ai/api/v1/"),
    "together": ({"TOGETHER_API_KEY": "k"}, "https://api.together.xyz/v1/"),
    "deepseek": ({"DEEPSEEK_API_KEY": "k"}, "https://api.deepseek.com/v1/"),
    "xai": ({"XAI_API_KEY": "k"}, "https://api.x.ai/v1/"),
    "ollama": ({}, "http://127.0.0.1:11434/v1/"),
    "lmstudio": ({}, "http://127.0.0.1:1234/v1/"),
    "llamacpp": ({}, "http://127.0.0.1:8080/v1/"),
    "vllm": ({}, "http://127.0.0.1:8000/v1/"),
    "sglang": ({}, "http://127.0.0.1:30000/v1/"),
    "text-generation-webui": ({}, "http://127.0.0.1:5000/v1/"),
    "oobabooga": ({}, "http://127.0.0.1:5000/v1/"),
    "transformers": ({}, "http://127.0.0.1:8000/v1/"),
}


@pytest.fixture
async def server() -> AsyncIterator[RawStreamServer]:
    async with RawStreamServer(ANSWER) as double:
        yield double


def test_every_known_provider_is_documented_here() -> None:
    assert DOCUMENTED.keys() == KNOWN.keys()


@pytest.mark.parametrize(("name", "environ", "url"), [(n, *d) for n, d in DOCUMENTED.items()])
def test_knows_the_address_and_the_key(name: str, environ: dict[str, str], url: str) -> None:
    provider = find_provider(name, environ)

    assert provider
    assert str(provider.url) == url
    assert (provider.key.get_secret_value() if provider.key else "") == ("k" if environ else "")


@pytest.mark.parametrize("name", DOCUMENTED)
async def test_asks_each_where_its_variables_say(
    name: str, server: RawStreamServer, configure: Configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = f"NELLIE_PROVIDER_{name.upper().replace('-', '_')}"
    settings = {"OPENAI_BASE_URL": server.url, "OPENAI_API_KEY": "secret-key"}
    if name != "openai":
        settings = {}
        monkeypatch.setenv(f"{own}_URL", server.url)
        monkeypatch.setenv(f"{own}_KEY", "secret-key")
        monkeypatch.setenv(f"{own}_HEADERS", "X-Team: core; X-Title: Nellie: here")

    models = load_models([f"{name}/some/model:7b"], configure(**settings))
    output = await collect(models, prompt_of(max_output=7))
    await models.close()

    assert (output.error, output.text) == (None, "Red.")
    assert output.usages[0].model == f"{name}/some/model:7b"
    assert server.requests[0]["model"] == "some/model:7b"
    headers = server.headers[0]
    assert headers["Authorization"] == "Bearer secret-key"
    assert headers.get("api-key") == ("secret-key" if name == "azure" else None)
    assert headers.get("X-Team") == (None if name == "openai" else "core")
    assert headers.get("X-Title") == (None if name == "openai" else "Nellie: here")
    limit = "max_completion_tokens" if name == "azure" else "max_tokens"
    assert server.requests[0][limit] == 7


@pytest.mark.parametrize(
    ("value", "url"),
    [
        ("10.0.0.7:11434", "http://10.0.0.7:11434/v1/"),
        ("http://box:11434", "http://box:11434/v1/"),
        ("http://box:11434/v1/", "http://box:11434/v1/"),
        ("0.0.0.0:11434", "http://127.0.0.1:11434/v1/"),
    ],
)
def test_reads_an_address_as_ollama_writes_it(value: str, url: str) -> None:
    provider = find_provider("ollama", {"OLLAMA_HOST": value})

    assert provider
    assert str(provider.url) == url


def test_azure_with_a_version_has_an_address_for_each_deployment() -> None:
    environ = {
        "AZURE_OPENAI_ENDPOINT": "https://me.openai.azure.com",
        "AZURE_OPENAI_API_KEY": "k",
        "AZURE_OPENAI_API_VERSION": "2024-10-21",
    }
    provider = find_provider("azure", environ)

    assert provider
    assert str(at_azure(provider, "chat", environ).url) == (
        "https://me.openai.azure.com/openai/deployments/chat/?api-version=2024-10-21"
    )
    for odd in ("mini/../big", "mini?api-version=1", "mini#x", "mini%2f..%2fbig"):
        url = at_azure(provider, odd, environ).url
        assert url.raw_path.startswith(b"/openai/deployments/mini%")
        assert url.raw_path.endswith(b"/?api-version=2024-10-21")


@pytest.mark.parametrize(
    ("name", "environ", "variable"),
    [
        ("groq", {}, "GROQ_API_KEY"),
        ("azure", {"AZURE_OPENAI_API_KEY": "k"}, "AZURE_OPENAI_ENDPOINT"),
        ("bedrock", {"AWS_BEARER_TOKEN_BEDROCK": "k"}, "AWS_REGION"),
        ("ours", {"NELLIE_PROVIDER_OURS_KEY": "k"}, "NELLIE_PROVIDER_OURS_KEY"),
        ("ours", {"NELLIE_PROVIDER_OURS_URL": "ftp://box"}, "NELLIE_PROVIDER_OURS_URL"),
        (
            "ours",
            {"NELLIE_PROVIDER_OURS_URL": "http://box", "NELLIE_PROVIDER_OURS_HEADERS": "oops"},
            "NELLIE_PROVIDER_OURS_HEADERS",
        ),
    ],
)
def test_names_the_variable_that_is_missing_or_wrong(
    name: str, environ: dict[str, str], variable: str
) -> None:
    with pytest.raises(SettingsError, match=rf"^{variable}: "):
        find_provider(name, environ)


@pytest.mark.parametrize(
    "variable", ["NELLIE_PROVIDER_TGI_URL", "NELLIE_PROVIDER_URL", "NELLIE_PROVIDER_OURS_KEY"]
)
def test_a_variable_that_means_no_provider_is_named(variable: str) -> None:
    with pytest.raises(SettingsError, match=rf"^{variable}: "):
        check_providers({variable: "http://box"}, ["openai", "tgi"])


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({"NELLIE_PROVIDER_box_URL": "http://box"}, "write it so; NELLIE_PROVIDER_box_URL is not"),
        ({"NELLIE_PROVIDER_Box_KEY": "k"}, "write it so; NELLIE_PROVIDER_Box_KEY is not read"),
        (
            {"NELLIE_PROVIDER_BOX_URL": "http://box", "NELLIE_PROVIDER_box_URL": "http://other"},
            "names the same provider once more; take one of them out",
        ),
    ],
)
def test_a_provider_is_named_once_and_in_capitals(environ: dict[str, str], words: str) -> None:
    with pytest.raises(SettingsError, match=rf"^NELLIE_PROVIDER_BOX_\w+: .*{words}"):
        check_providers(environ, [])


def test_a_name_that_nobody_knows_is_told_what_there_is(configure: Configure) -> None:
    with pytest.raises(PluginError, match=r"ollama.*NELLIE_PROVIDER_MY_BOX_URL"):
        load_models(["my-box/llama"], configure())


@pytest.mark.parametrize("model", ["ollama/", "ollama", "groq/"])
def test_a_provider_needs_a_model_s_name(
    model: str, configure: Configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GROQ_API_KEY", "k")

    with pytest.raises(SettingsError, match=r"^NELLIE_MODEL: say which model"):
        load_models([model], configure())


async def test_models_of_three_providers_fall_back_to_one_another(
    server: RawStreamServer, configure: Configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy = RawStreamServer(ANSWER, refusals=[(429, {"error": {"message": "busy"}})] * 9)
    async with busy:
        monkeypatch.setenv("NELLIE_PROVIDER_VLLM_URL", "http://127.0.0.1:1/v1")
        monkeypatch.setenv("NELLIE_PROVIDER_SGLANG_URL", busy.url)
        monkeypatch.setenv("NELLIE_PROVIDER_OLLAMA_URL", server.url)
        names = ("vllm/a", "sglang/b", "ollama/c")
        models = load_models(names, configure())
        outputs = [await collect(models, prompt_of()) for _ in range(4)]
        await models.close()

    assert [output.text for output in outputs] == ["Red."] * 4
    assert {output.usages[-1].model for output in outputs} == {"ollama/c"}
    assert len(busy.requests) == 4  # a busy server is not spared: it is well


async def test_a_channel_s_choice_is_asked_at_its_own_provider(
    server: RawStreamServer, configure: Configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NELLIE_PROVIDER_OLLAMA_URL", server.url)
    settings = configure(model=("vllm/a",), models=("vllm/a", "ollama/c"))
    registry = ModelRegistry(settings)
    registry.check()

    chosen = await collect(registry.get("ollama/c"), prompt_of())
    general = await collect(registry.get(None), Prompt("answer", prompt_of().messages, 7))
    await registry.close()

    assert chosen.text == "Red."
    assert isinstance(general.error, ModelUnavailable)
