"""`nellie models`: what providers offer, with windows, and what is in use."""

from collections.abc import Callable
from pathlib import Path

import pytest
from doubles.gguf_file import write_gguf
from doubles.openai_server import OpenAIServer

from bot.cli.models import show_models
from bot.config.environment import read_environment
from bot.config.settings import Settings, load
from bot.doctor.models import examine_models
from bot.domain.errors import SettingsError
from bot.llm.model_loading import load_model
from bot.testing import collect, prompt_of


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in read_environment():
        if "_API_KEY" in name or name.startswith(("NELLIE_", "OPENAI_")):
            monkeypatch.delenv(name, raising=False)


async def test_lists_what_each_provider_offers(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    offered = [{"id": "llama", "max_model_len": 8192}, {"id": "qwen"}, {"object": "no name"}]
    async with OpenAIServer(models=offered) as server:
        monkeypatch.setenv("NELLIE_MODEL", "box/llama,box/gone,extractive")
        monkeypatch.setenv("NELLIE_PROVIDER_BOX_URL", server.url)

        await show_models()

    assert capsys.readouterr().out.splitlines() == [
        "box: 2 models",
        "  box/llama  8,192 tokens  in use",
        "  box/qwen",
        "  box/gone  in use, and not in the list",
        "extractive  in use",
    ]


async def test_tells_which_provider_cannot_be_asked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NELLIE_MODEL", "vllm/a")
    monkeypatch.setenv("VLLM_BASE_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("AZURE_API_KEY", "k")

    await show_models()

    told = capsys.readouterr().out
    assert "azure: AZURE_OPENAI_ENDPOINT: " in told
    assert "vllm: The model vllm cannot be reached: no connection to 127.0.0.1:1" in told
    assert "vllm/a  in use" in told


async def test_says_what_to_set_where_there_is_nothing_to_ask(
    capsys: pytest.CaptureFixture[str],
) -> None:
    await show_models()

    assert "set a provider's key or address" in capsys.readouterr().out


async def test_tells_what_a_model_file_is_and_what_is_wrong_with_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.syspath_prepend(str(Path(__file__).parents[1] / "doubles/llama_library"))
    monkeypatch.chdir(tmp_path)
    write_gguf(tmp_path / "tiny.gguf", context_length=2048)
    (tmp_path / "page.gguf").write_text("<html>Sign in</html>")
    monkeypatch.setenv("NELLIE_MODEL", "local/tiny.gguf,local/page.gguf,local/gone.gguf,extractive")

    await show_models()

    whole, page, gone, extractive = capsys.readouterr().out.splitlines()
    assert whole == "local/tiny.gguf  2,048 tokens  in use"
    assert page.startswith("local/page.gguf: NELLIE_MODEL: ")
    assert "it is no GGUF file" in page
    assert "there is no file" in gone
    assert extractive == "extractive  in use"


LORA = [
    {"id": "llama", "max_model_len": 8192, "root": "meta/llama", "parent": None},
    {"id": "support", "max_model_len": None, "root": "/loras/support", "parent": "llama"},
    {"id": "acme/legal", "root": "/loras/legal", "parent": "llama"},
    {"id": "orphan", "root": "/loras/orphan", "parent": "unknown"},
]


async def test_lists_adapters_with_the_model_that_they_belong_to(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async with OpenAIServer(models=LORA) as server:
        monkeypatch.setenv("NELLIE_MODEL", "vllm/support")
        monkeypatch.setenv("VLLM_BASE_URL", server.url)

        await show_models()

    assert capsys.readouterr().out.splitlines() == [
        "vllm: 4 models",
        "  vllm/acme/legal  8,192 tokens  LoRA of llama",
        "  vllm/llama  8,192 tokens",
        "  vllm/orphan  LoRA of unknown",
        "  vllm/support  8,192 tokens  LoRA of llama  in use",
    ]


@pytest.mark.parametrize(
    ("name", "asked", "window"),
    [
        ("vllm/support", "support", 8192),
        ("vllm/acme/legal", "acme/legal", 8192),
        ("sglang/support", "llama:support", 8192),
        ("sglang/llama", "llama", 8192),
        ("sglang/llama:support", "llama:support", None),
        ("sglang/unlisted", "unlisted", None),
    ],
)
async def test_an_adapter_answers_by_its_name(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, name: str, asked: str, window: int | None
) -> None:
    async with OpenAIServer(models=LORA) as server:
        monkeypatch.setenv("VLLM_BASE_URL", server.url)
        monkeypatch.setenv("SGLANG_BASE_URL", server.url)
        model = load_model(name, settings)
        outputs = [await collect(model, prompt_of()) for _ in range(2)]
        found = await model.context_window()
        await model.close()

    assert [output.text for output in outputs] == ["Hello from the double."] * 2
    assert [prompt["model"] for prompt in server.prompts] == [asked, asked]
    assert found == window


WRONG = {
    "a provider without a name": ({"NELLIE_PROVIDER__URL": "http://x:1"}, "write NELLIE_PROVIDER_"),
    "no name, a key": ({"NELLIE_PROVIDER__KEY": "abc"}, "write NELLIE_PROVIDER_"),
    "a key without a provider": ({"NELLIE_PROVIDER_FOO_KEY": "abc"}, "set NELLIE_PROVIDER_FOO_URL"),
    "headers without a provider": ({"NELLIE_PROVIDER_FOO_HEADERS": "a: b"}, "needs its address"),
    "two of one name": (
        {"NELLIE_PROVIDER_A_B_URL": "http://x:1", "NELLIE_PROVIDER_a_b_URL": "http://x:2"},
        "once more",
    ),
    "a name that is taken": ({"NELLIE_PROVIDER_TGI_URL": "http://x:1"}, "take another name"),
    "wrong headers": (
        {"NELLIE_PROVIDER_A_URL": "http://x:1", "NELLIE_PROVIDER_A_HEADERS": "oops"},
        "Name: value",
    ),
}


@pytest.mark.parametrize(("environ", "words"), WRONG.values(), ids=WRONG)
async def test_a_provider_s_wrong_variable_is_told_once_by_the_list_and_the_doctor(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    environ: dict[str, str],
    words: str,
) -> None:
    monkeypatch.setenv("NELLIE_MODEL", "extractive")
    for name, value in environ.items():
        monkeypatch.setenv(name, value)

    await show_models()
    listed = [line for line in capsys.readouterr().out.splitlines() if words in line]
    found = [one async for one in examine_models(load(), read_environment()) if words in one.what]

    assert len(listed) == 1
    assert [(one.state, one.name) for one in found] == [("wrong", "providers")]


@pytest.mark.parametrize("name", ["/x", "/", "/ollama/llama3.2"])
def test_a_model_without_a_provider_is_one_sentence(
    configure: Callable[..., Settings], name: str
) -> None:
    with pytest.raises(SettingsError, match=rf'^NELLIE_MODEL: "{name}" names no provider'):
        load_model(name, configure())


@pytest.mark.parametrize("content", [b"", b"not a gguf", b"\x00" * 64, b"PK\x03\x04zip"])
def test_what_is_no_model_file_is_told_where_llama_cpp_is_missing_too(
    configure: Callable[..., Settings], tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "weights.gguf"
    path.write_bytes(content)

    with pytest.raises(SettingsError, match="it is no GGUF file"):
        load_model(f"local/{path}", configure())
