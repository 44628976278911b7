"""The doctor against every fault of models and embedders: one diagnosis, and what mends it."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from doctor.conftest import Patient
from doctor.faults import NOWHERE, Fault, check_diagnosis, embeds, sets
from doubles.canned_responses import OVERLOADED, CannedResponse
from doubles.gguf_file import write_gguf
from doubles.vllm_server import VLLMServer

from bot.doctor import probing
from bot.store.database import Database
from bot.store.embeddings import Embeddings

LLAMA = str(Path(__file__).parents[1] / "doubles/llama_library")


def responds_with(response: CannedResponse) -> Callable[[Patient], None]:
    return lambda patient: setattr(patient.openai, "default_response", response)


def budget(size: int) -> Callable[[Patient], None]:
    def break_(patient: Patient) -> None:
        patient.tgi.max_total, patient.tgi.max_input = size, size - 1

    return break_


def silent(patient: Patient) -> None:
    patient.openai.default_response = CannedResponse(delay=5)
    patient.monkeypatch.setattr(probing, "SILENCE", 0.2)


def local(content: bytes | None = None, **behaviour: Any) -> Callable[[Patient], None]:
    """A model file in the working folder: of this content, or one that behaves so."""

    def break_(patient: Patient) -> None:
        if content is None:
            write_gguf(Path("tiny.gguf"), **behaviour)
        else:
            Path("tiny.gguf").write_bytes(content)
        patient.monkeypatch.syspath_prepend(LLAMA)
        patient.environ.update(PYTHONPATH=LLAMA, NELLIE_MODEL="local/tiny.gguf")

    return break_


def misspells(name: str) -> Callable[[Patient], None]:
    def break_(patient: Patient) -> None:
        patient.environ["NELLIE_MODEL"] = f"openai/{name}"
        patient.openai.models.append({"id": "tiny"})
        patient.openai.default_response = CannedResponse(
            status=404, error=f"The model `{name}` does not exist"
        )

    return break_


FAULTS = {
    "a model file that is none": Fault(
        local(b"<html>"), "model local/tiny.gguf", "no GGUF file; download", "correct NELLIE_MODEL"
    ),
    "a model file that is cut off": Fault(
        local(loading="cut off"), "model local/tiny.gguf", "cut off or damaged", "download the file"
    ),
    "too little memory for a model file": Fault(
        local(loading="killed"),
        "model local/tiny.gguf",
        "memory runs out",
        "take a smaller model, or lower NELLIE_LOCAL_CONTEXT_WINDOW",
    ),
    "a model file with a small context window": Fault(
        local(context_length=3000),
        "model local/tiny.gguf, context window",
        "3,000 tokens are few",
        "raise NELLIE_LOCAL_CONTEXT_WINDOW or take a model with a larger window",
        "note",
    ),
    "a model that is not installed": Fault(
        sets(NELLIE_MODEL="clod"), "model clod", "is not installed", "NELLIE_MODEL"
    ),
    "no model server": Fault(
        sets(OPENAI_BASE_URL=f"http://{NOWHERE}/v1"),
        "model openai/double",
        "cannot be reached",
        "start the server.*OPENAI_BASE_URL",
    ),
    "a wrong key of the model": Fault(
        sets(OPENAI_API_KEY="wrong"), "model openai/double", "API key", "correct OPENAI_API_KEY"
    ),
    "a model's name that the server does not know": Fault(
        responds_with(CannedResponse(status=404, error="The model `double` does not exist")),
        "model openai/double",
        "does not exist",
        "correct the name in NELLIE_MODEL",
    ),
    "a name that is close to one that the server has": Fault(
        misspells("doubel"),
        "model openai/doubel",
        "does not exist",
        "take one that its server has: openai/double, openai/tiny; or start it with the adapter",
    ),
    "an adapter that TGI was not started with": Fault(
        sets(NELLIE_MODEL="tgi/team"),
        "model tgi/team, adapter",
        "as the base model does, to the last digit: TGI has no team",
        "LORA_ADAPTERS=team=PATH",
    ),
    "a model that is overloaded": Fault(
        responds_with(OVERLOADED), "model openai/double", "too busy", "a second model"
    ),
    "a model that says nothing": Fault(
        silent, "model openai/double", "said nothing for 0.2 s", "loaded its weights"
    ),
    "a web page in place of a model": Fault(
        responds_with(CannedResponse(page="<html>hello</html>")),
        "model openai/double",
        "web page",
        "OPENAI_BASE_URL should lead to the model server",
    ),
    "a tiny context window": Fault(
        budget(1500), "model tgi, context window", "1,500 tokens", "lower NELLIE_MAX_ANSWER to 375"
    ),
    "a small context window": Fault(
        budget(3000), "model tgi, context window", "few", "4,096 tokens or more", "note"
    ),
    "a context window that nobody tells": Fault(
        lambda _: None,
        "model openai/double, context window",
        "does not say",
        "NELLIE_CONTEXT_WINDOW",
        "note",
    ),
    "no embedder": Fault(
        sets(
            NELLIE_EMBEDDINGS="openai/double",
            NELLIE_EMBEDDINGS_URL=f"http://{NOWHERE}/v1",
        ),
        "embedder openai/double",
        "cannot be reached",
        "start the server.*NELLIE_EMBEDDINGS_URL",
    ),
    "a wrong key of the embedder": Fault(
        embeds(NELLIE_EMBEDDINGS_KEY="wrong"),
        "embedder openai/double",
        "API key",
        "correct NELLIE_EMBEDDINGS_KEY",
    ),
    "an embedder's address that is none": Fault(
        sets(NELLIE_EMBEDDINGS="openai/double", NELLIE_EMBEDDINGS_URL="tei:80"),
        "embedder openai/double",
        "must begin with http",
        "correct NELLIE_EMBEDDINGS_URL",
    ),
    "an embedder that is slow": Fault(
        embeds(NELLIE_EMBEDDINGS_KEY="right", NELLIE_EMBEDDINGS_TIMEOUT="0.000001"),
        "embedder openai/double",
        "with 64 numbers",
        "NELLIE_EMBEDDINGS_TIMEOUT",
        "note",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
async def test_one_fault_is_one_diagnosis_with_what_mends_it(patient: Patient, name: str) -> None:
    await check_diagnosis(patient, FAULTS[name])


async def test_shows_no_secret(patient: Patient) -> None:
    patient.environ["OPENAI_API_KEY"] = "sk-not-for-your-eyes"

    findings = await patient.examined()

    assert "not-for-your-eyes" not in str(findings)
    assert patient.slack.environ["SLACK_BOT_TOKEN"] not in str(findings)


async def test_a_model_file_that_answers_is_well(patient: Patient) -> None:
    local(context_length=8192)(patient)

    found = [one for one in await patient.examined() if one.name.startswith("model local/")]

    assert [one.state for one in found] == ["ok", "ok", "ok"]
    assert found[1].what == "8,192 tokens"
    assert found[2].what == "it calls no tools, and answers without them"


def keeps(model: str, *vectors: str) -> Callable[[Patient], Awaitable[None]]:
    """Vectors of a model are kept, and embeddings are switched on."""

    async def make(patient: Patient) -> None:
        embeds(NELLIE_EMBEDDINGS_KEY="right")(patient)
        database = Database(patient.environ["DATABASE_URL"], pool=1)
        assert await Embeddings(database, model).prepare()
        await database.close()
        rows = ", ".join(
            f"(1, {seq}, '{model}', '{vector}')" for seq, vector in enumerate(vectors, 1)
        )
        await patient.execute(f"INSERT INTO embedding VALUES {rows}")  # noqa: S608 - our own

    return make


AS_NOW = f"[{','.join('1' * 64)}]"
INDEX_FAULTS = {
    "vectors of another size": Fault(
        keeps("openai/double", "[1,2,3]", "[3,2,1]"),
        "embeddings",
        "2 vectors of 3 numbers are made anew, with 64",
        "in the background",
        "note",
    ),
    "vectors of another model": Fault(
        keeps("openai/former", "[1,2,3]"),
        "embeddings",
        "1 vectors are of another model",
        "words find old messages",
        "note",
    ),
    "texts that were set aside": Fault(
        keeps("openai/double", AS_NOW, "[0]", "[0]"),
        "embeddings",
        "2 messages have no vector",
        "messages_not_embedded",
        "note",
    ),
}


@pytest.mark.parametrize("fault", INDEX_FAULTS.values(), ids=INDEX_FAULTS)
async def test_tells_what_will_be_made_anew_of_the_index(patient: Patient, fault: Fault) -> None:
    await check_diagnosis(patient, fault)


async def test_says_nothing_of_an_index_that_is_well(patient: Patient) -> None:
    await keeps("openai/double", AS_NOW, AS_NOW)(patient)

    assert "embeddings" not in [one.name for one in await patient.examined()]


async def test_an_adapter_that_tgi_has_is_well(patient: Patient) -> None:
    patient.environ["NELLIE_MODEL"] = "tgi/team"
    patient.tgi.adapters = {"team": "We meet on Mondays."}

    findings = {one.name: one for one in await patient.examined()}

    assert findings["model tgi/team, adapter"].state == "ok"


async def test_tgi_without_an_adapter_is_not_asked_for_one(patient: Patient) -> None:
    names = [one.name for one in await patient.examined()]

    assert "model tgi" in names
    assert "model tgi, adapter" not in names


async def test_a_tgi_that_tells_no_probabilities_is_not_accused(patient: Patient) -> None:
    patient.environ["NELLIE_MODEL"] = "tgi/team"
    patient.tgi.tells_probabilities = False

    names = [one.name for one in await patient.examined() if one.state == "wrong"]

    assert names == []


async def test_an_adapter_that_vllm_does_not_have_is_found(patient: Patient) -> None:
    async with VLLMServer(adapters={"team": "We meet on Mondays."}) as vllm:
        patient.environ.update(NELLIE_MODEL="vllm/teem,vllm/team", VLLM_BASE_URL=vllm.url)

        findings = {one.name: one for one in await patient.examined()}

    assert findings["model vllm/teem"].state == "wrong"
    assert findings["model vllm/teem"].mend == (
        "take one that its server has: vllm/team, vllm/llama; or start it with the adapter teem"
    )
    assert findings["model vllm/team"].state == "ok"
