"""Who is known to serve models: addresses and variables as their own documentation has them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

PREFIX = "NELLIE_PROVIDER_"


def variables_prefix(name: str) -> str:
    """What the variables of a provider begin with; _URL, _KEY and _HEADERS follow."""
    return f"{PREFIX}{name.upper().replace('-', '_')}"


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownProvider:
    """What is known of a provider before its variables are read."""

    url: str
    """Its address; {NAME} stands for a variable, the first of `parts` with that name."""
    keys: tuple[str, ...] = ()
    """Variables that hold its key; the first that is set counts."""
    urls: tuple[str, ...] = ()
    """Variables that hold another address."""
    parts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    is_hosted: bool = True
    """A service in the internet, which needs a key; otherwise a server of one's own."""
    limit_name: str = "max_tokens"
    prefill: str = ""
    """How it goes on with the last message (`openai.prefill`); empty where that is not known."""
    key_header: str = ""
    """The header that takes the key, where that is another one than Authorization."""


def _local(port: int, *urls: str, keys: tuple[str, ...] = (), prefill: str = "") -> KnownProvider:
    url = f"http://127.0.0.1:{port}/v1"
    return KnownProvider(url=url, urls=urls, keys=keys, prefill=prefill, is_hosted=False)


KNOWN: dict[str, KnownProvider] = {
    "openai": KnownProvider(
        url="https://api.openai.com/v1",
        keys=("OPENAI_API_KEY",),
        urls=("OPENAI_BASE_URL",),
        limit_name="max_completion_tokens",
    ),
    "azure": KnownProvider(
        url="{AZURE_OPENAI_ENDPOINT}/openai/v1",
        keys=("AZURE_OPENAI_API_KEY", "AZURE_API_KEY"),
        parts={"AZURE_OPENAI_ENDPOINT": ("AZURE_OPENAI_ENDPOINT", "AZURE_API_BASE")},
        limit_name="max_completion_tokens",
        key_header="api-key",
    ),
    "anthropic": KnownProvider(url="https://api.anthropic.com/v1", keys=("ANTHROPIC_API_KEY",)),
    "gemini": KnownProvider(
        url="https://generativelanguage.googleapis.com/v1beta/openai",
        keys=("GEMINI_API_KEY", "GOOGLE_API_KEY"),
    ),
    "vertex": KnownProvider(
        url="https://{LOCATION}-aiplatform.googleapis.com/v1/projects/{PROJECT}/locations"
        "/{LOCATION}/endpoints/openapi",
        keys=("VERTEX_ACCESS_TOKEN", "GOOGLE_ACCESS_TOKEN"),
        parts={
            "PROJECT": ("GOOGLE_CLOUD_PROJECT", "VERTEXAI_PROJECT"),
            "LOCATION": ("GOOGLE_CLOUD_LOCATION", "VERTEXAI_LOCATION"),
        },
    ),
    "bedrock": KnownProvider(
        url="https://bedrock-runtime.{AWS_REGION}.amazonaws.com/openai/v1",
        keys=("AWS_BEARER_TOKEN_BEDROCK",),
        parts={"AWS_REGION": ("AWS_REGION", "AWS_DEFAULT_REGION")},
    ),
    "mistral": KnownProvider(
        url="https://api.mistral.ai/v1", keys=("MISTRAL_API_KEY",), prefill="prefix"
    ),
    "groq": KnownProvider(
        url="https://api.groq.com/openai/v1", keys=("GROQ_API_KEY",), prefill="plain"
    ),
    "openrouter": KnownProvider(
        url="https://openrouter.ai/api/v1", keys=("OPENROUTER_API_KEY",), prefill="plain"
    ),
    "together": KnownProvider(
        url="https://api.together.xyz/v1", keys=("TOGETHER_API_KEY", "TOGETHERAI_API_KEY")
    ),
    "deepseek": KnownProvider(url="https://api.deepseek.com/v1", keys=("DEEPSEEK_API_KEY",)),
    "xai": KnownProvider(url="https://api.x.ai/v1", keys=("XAI_API_KEY",)),
    "ollama": _local(
        11434, "OLLAMA_BASE_URL", "OLLAMA_HOST", keys=("OLLAMA_API_KEY",), prefill="plain"
    ),
    "lmstudio": _local(1234, "LMSTUDIO_BASE_URL", "LM_STUDIO_API_BASE"),
    "llamacpp": _local(8080, "LLAMACPP_BASE_URL", keys=("LLAMA_API_KEY",), prefill="final"),
    "vllm": _local(
        8000, "VLLM_BASE_URL", "HOSTED_VLLM_API_BASE", keys=("VLLM_API_KEY",), prefill="final"
    ),
    "sglang": _local(30000, "SGLANG_BASE_URL", keys=("SGLANG_API_KEY",), prefill="final"),
    "text-generation-webui": _local(5000, "OOBABOOGA_BASE_URL", prefill="continue"),
    "oobabooga": _local(5000, "OOBABOOGA_BASE_URL", prefill="continue"),
    "transformers": _local(8000, "TRANSFORMERS_BASE_URL"),
}

EMBEDDERS: dict[str, KnownProvider] = {
    "voyage": KnownProvider(url="https://api.voyageai.com/v1", keys=("VOYAGE_API_KEY",)),
    "jina": KnownProvider(url="https://api.jina.ai/v1", keys=("JINA_API_KEY", "JINAAI_API_KEY")),
    "cohere": KnownProvider(
        url="https://api.cohere.ai/compatibility/v1", keys=("COHERE_API_KEY", "CO_API_KEY")
    ),
    "nvidia": KnownProvider(
        url="https://integrate.api.nvidia.com/v1", keys=("NVIDIA_API_KEY", "NVIDIA_NIM_API_KEY")
    ),
    "fireworks": KnownProvider(
        url="https://api.fireworks.ai/inference/v1",
        keys=("FIREWORKS_API_KEY", "FIREWORKS_AI_API_KEY"),
    ),
    "deepinfra": KnownProvider(
        url="https://api.deepinfra.com/v1/openai", keys=("DEEPINFRA_API_KEY", "DEEPINFRA_TOKEN")
    ),
    "tei": KnownProvider(
        url="http://127.0.0.1:8080/v1",
        urls=("TEI_BASE_URL", "TEI_URL"),
        keys=("TEI_API_KEY",),
        is_hosted=False,
    ),
    "infinity": KnownProvider(
        url="http://127.0.0.1:7997/v1",
        urls=("INFINITY_BASE_URL",),
        keys=("INFINITY_API_KEY",),
        is_hosted=False,
    ),
}
"""Those that serve embeddings; not known for answers here."""

ALL: Mapping[str, KnownProvider] = {**KNOWN, **EMBEDDERS}
WITHOUT_EMBEDDINGS = ("anthropic", "deepseek", "xai")
