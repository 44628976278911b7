"""`nellie models`: what providers offer, with windows, and what is in use."""

from pathlib import Path

import pytest
from doubles.gguf_file import write_gguf
from doubles.openai_server import OpenAIServer

from bot.cli.models import show_models
from bot.config.environment import read_environment


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

    assert "set a key or an address of a provider" in capsys.readouterr().out


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
