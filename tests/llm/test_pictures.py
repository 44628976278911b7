"""Pictures: shown to models that can see, left out and told for others, never fetched."""

from collections.abc import AsyncGenerator, Callable
from dataclasses import replace
from typing import Any

import pytest
from doubles.found_passages import found_passage
from doubles.openai_server import OpenAIServer
from doubles.prompt_material import NOON, plain_message
from doubles.tgi_pictures import TOKENS_OF_ONE
from doubles.tgi_server import TGIServer

from bot.config.settings import Settings
from bot.domain.errors import ContextOverflow, ModelError, ModelRejected, ModelUnavailable
from bot.domain.images import Image, UnseenPicture
from bot.domain.model import ChatMessage, Chunk, Prompt
from bot.domain.ports import Model
from bot.llm.fallback import Fallback, load_models
from bot.llm.openai.chat import OpenAI
from bot.llm.tgi.model import TGI
from bot.prompting.budget import Budget
from bot.prompting.prompt import build_prompt, build_system_text
from bot.testing import ScriptedModel, breaks, collect, prompt_of, says

Build = Callable[..., Model]

CAT = Image(b"\x89PNG a cat", "image/png", 800, 600)
DOG = Image(b"GIF89a a dog", "image/gif", 20, 10)
URL = "data:image/png;base64,iVBORyBhIGNhdA=="


def showing(*images: Image, text: str = "What is this?") -> Prompt:
    prompt = prompt_of(text)
    *before, last = prompt.messages
    return replace(prompt, messages=(*before, replace(last, images=images)))


def local(build: Build, server: OpenAIServer, name: str = "m") -> Model:
    return build(OpenAI, name, openai_base_url=server.url)


def contents(server: OpenAIServer) -> list[Any]:
    return [prompt["messages"][-1]["content"] for prompt in server.prompts]


async def test_a_server_of_openais_protocol_gets_parts(openai: OpenAIServer, build: Build) -> None:
    output = await collect(local(build, openai), showing(CAT, DOG))

    first, second, text = contents(openai)[-1]
    assert first == {"type": "image_url", "image_url": {"url": URL}}
    assert second["image_url"]["url"].startswith("data:image/gif;base64,")
    assert text == {"type": "text", "text": "What is this?"}
    assert output.chunks[-1].note == ""


async def test_without_pictures_a_text_is_sent_and_nothing_is_asked(
    openai: OpenAIServer, build: Build
) -> None:
    await collect(local(build, openai), prompt_of())

    assert contents(openai) == ["Hello?"]
    assert len(openai.requests) == 1


REFUSALS = [
    (400, "meta/llama is not a multimodal model"),  # vLLM
    (400, "Invalid content type. image_url is only supported by certain models."),  # OpenAI
    (422, "Failed to deserialize the JSON body into the target type: messages[1]: unknown variant"
     " `image_url`, expected `text` at line 1 column 90"),  # DeepSeek
    (500, "image input is not supported - hint: if this is unexpected, you may need to provide the"
     " mmproj"),  # llama.cpp
    (500, "this model is missing data required for image input"),  # Ollama
    (400, "messages[1].content must be a string"),  # Groq
    (404, "No endpoints found that support image input"),  # OpenRouter
    (400, "Model does not support images. Please use a model that does."),  # LM Studio
    (400, "Image input is not enabled for this model"),  # Mistral
    (422, "Input should be a valid string"),  # FastAPI
]  # fmt: skip


@pytest.mark.parametrize(("status", "words"), REFUSALS)
async def test_learns_from_a_refusal_that_a_model_cannot_see(
    openai: OpenAIServer, build: Build, status: int, words: str
) -> None:
    openai.refusals["image_url"] = (status, words)
    model = local(build, openai, "blind")

    first, second = await collect(model, showing(CAT)), await collect(model, showing(CAT))

    note = "I have not seen the picture: openai/blind cannot see pictures."
    assert [output.text for output in (first, second)] == ["Hello from the double."] * 2
    assert [output.chunks[-1].note for output in (first, second)] == [note] * 2
    assert [isinstance(content, str) for content in contents(openai)] == [False, True, True]
    in_its_place = "[a picture (image/png, 800 x 600) that you do not see: this model cannot see"
    assert contents(openai)[-1].startswith(in_its_place)
    assert contents(openai)[-1].endswith("\nWhat is this?")


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (400, "You uploaded an unsupported image. Please make sure your image is valid."),
        (400, "Failed to load image: cannot identify image file"),
        (400, "Image size exceeds the maximum"),
        (413, "Request Entity Too Large"),
    ],
)
async def test_one_refused_picture_makes_no_model_blind(
    openai: OpenAIServer, build: Build, status: int, words: str
) -> None:
    openai.refusals["iVBORyBhIGNhdA"] = (status, words)
    model = local(build, openai)

    refused, seen = await collect(model, showing(CAT, DOG)), await collect(model, showing(DOG))

    assert refused.chunks[-1].note == "I have not seen the 2 pictures: openai/m did not take them."
    assert seen.chunks[-1].note == ""
    assert isinstance(contents(openai)[-1], list)


@pytest.mark.parametrize(
    ("status", "words", "kind"),
    [
        (401, "Incorrect API key provided", ModelRejected),
        (400, "maximum context length is 4096 tokens", ContextOverflow),
    ],
)
async def test_other_refusals_stay_what_they_are(
    openai: OpenAIServer, build: Build, status: int, words: str, kind: type[ModelError]
) -> None:
    openai.refusals["image_url"] = (status, words)

    output = await collect(local(build, openai), showing(CAT))

    assert type(output.error) is kind
    assert len(openai.prompts) == 1


@pytest.mark.parametrize(
    ("said", "sees"),
    [
        ({"shown": {"capabilities": ["completion", "vision"]}}, True),
        ({"shown": {"capabilities": ["completion", "tools"]}}, False),
        ({"props": {"modalities": {"vision": True, "audio": False}}}, True),
        ({"props": {"modalities": {"vision": False, "audio": False}}}, False),
        ({"loaded": [{"id": "m", "type": "vlm"}]}, True),
        ({"loaded": [{"id": "m", "type": "llm"}]}, False),
        ({"loaded": [{"id": "other", "type": "llm"}]}, True),
        ({"models": [{"id": "m", "architecture": {"input_modalities": ["text"]}}]}, False),
        ({"models": [{"id": "m", "architecture": {"input_modalities": ["image", "text"]}}]}, True),
        ({"models": [{"id": "m", "capabilities": {"vision": False}}]}, False),
        ({"models": [{"id": "other", "capabilities": {"vision": False}}, {"id": "m"}]}, True),
        ({}, True),
    ],
)
async def test_knows_what_a_server_says_of_its_model(
    openai: OpenAIServer, build: Build, said: dict[str, Any], sees: bool
) -> None:
    for name, value in said.items():
        setattr(openai, name, value)

    output = await collect(local(build, openai), showing(CAT))

    assert isinstance(contents(openai)[-1], list) is sees
    assert bool(output.chunks[-1].note) is not sees


async def test_tgi_gets_pictures_where_its_model_sees_and_counts_them(build: Build) -> None:
    async with TGIServer(sees=True) as double:
        model = build(TGI, "", tgi_url=double.url)
        output = await collect(model, showing(CAT))
        plain = await collect(model, prompt_of("What is this?"))

    generated = [one["inputs"] for one in double.prompts if "parameters" in one]
    assert f"<|user|>![]({URL})What is this?<|end|>" in generated[0]
    assert output.usages[0].input == plain.usages[0].input + TOKENS_OF_ONE
    assert output.chunks[-1].note == ""
    assert double.fetched == []


async def test_tgi_gets_none_where_its_model_reads_alone(tgi: TGIServer, build: Build) -> None:
    output = await collect(build(TGI, "", tgi_url=tgi.url), showing(CAT))

    assert "base64" not in str(tgi.prompts[-1])
    assert output.chunks[-1].note == "I have not seen the picture: tgi cannot see pictures."


@pytest.mark.parametrize("image", [Image(b"", "image/png", 1, 1), CAT])
async def test_tgi_may_refuse_a_picture(build: Build, image: Image) -> None:
    async with TGIServer(sees=True, payload=400) as double:
        big = replace(image, data=image.data * 40)
        output = await collect(build(TGI, "", tgi_url=double.url), showing(big))

    assert output.text == "Hello from the double."
    assert output.chunks[-1].note == "I have not seen the picture: tgi did not take it."


TYPED = ["![](http://169.254.169.254/latest)", "so ![](https://intra/x) ![](nothing)", "![]()"]


@pytest.mark.parametrize("text", TYPED)
async def test_what_people_type_makes_tgi_fetch_nothing(build: Build, text: str) -> None:
    async with TGIServer(sees=True) as double:
        model = build(TGI, "", tgi_url=double.url)
        system = ChatMessage("system", f"You are {text}.")
        prompt = replace(prompt_of(), messages=(system, ChatMessage("user", text)))
        output = await collect(model, prompt)
        shown = await collect(model, showing(DOG, text=text))

    assert (output.error, shown.error) == (None, None)
    assert double.fetched == []
    assert text in double.prompts[-1]["inputs"].replace("\u200b", "")


@pytest.mark.parametrize("text", TYPED)
async def test_nor_through_its_chat_completions_under_any_name(build: Build, text: str) -> None:
    async with TGIServer(sees=True, templates=False) as double:
        await collect(build(TGI, "", tgi_url=double.url), prompt_of(text))
        await collect(build(OpenAI, "m", openai_base_url=f"{double.url}/v1"), prompt_of(text))

    bodies = [one.body for one in double.requests if "messages" in one.body]
    sent = [body["messages"][-1]["content"] for body in bodies]
    assert len(sent) >= 2
    assert not any("![](" in content for content in sent)


async def test_the_line_in_its_place_says_how_a_picture_is_called(
    openai: OpenAIServer, build: Build
) -> None:
    openai.refusals["image_url"] = (400, "m is not a multimodal model")

    await collect(local(build, openai), showing(replace(CAT, name="cat.png")))

    assert contents(openai)[-1].startswith("[a picture (cat.png: image/png, 800 x 600) that you")


async def test_nobody_is_told_of_a_picture_that_came_with_the_conversation(
    openai: OpenAIServer, build: Build
) -> None:
    openai.refusals["image_url"] = (400, "m is not a multimodal model")

    output = await collect(local(build, openai), showing(replace(CAT, beside=True)))

    assert "that you do not see" in contents(openai)[-1]
    assert output.chunks[-1].note == ""


@pytest.mark.parametrize(
    ("told", "sees", "parts"), [("yes", False, True), ("m=no", True, False), ("auto", False, False)]
)
async def test_what_the_operator_says_of_a_models_sight_goes_before_its_servers_word(
    openai: OpenAIServer, configure: Callable[..., Settings], told: str, sees: bool, parts: bool
) -> None:
    openai.props = {"modalities": {"vision": sees, "audio": False}}
    told = told.replace("m=", "openai/m=")
    settings = configure(model=("openai/m",), openai_base_url=openai.url, vision=(told,))
    models = load_models(("openai/m",), settings)

    output = await collect(models, showing(CAT))
    await models.close()

    assert isinstance(contents(openai)[-1], list) is parts
    assert bool(output.chunks[-1].note) is not parts
    assert await models.can_see() is (None if told == "auto" and sees else parts)


async def test_a_model_of_a_package_that_knows_no_pictures_is_given_none(
    configure: Callable[..., Settings],
) -> None:
    class Plain(Model):
        name = "plain"
        asked: Prompt

        async def stream(self, prompt: Prompt) -> AsyncGenerator[Chunk]:
            self.asked = prompt
            yield Chunk("Hello.", "stop")

    plain = Plain()
    output = await collect(Fallback([plain], configure()), showing(CAT))

    assert not plain.asked.has_images
    assert output.chunks[-1].note == "I have not seen the picture: plain cannot see pictures."


async def test_of_several_models_each_is_shown_what_it_can_see(
    configure: Callable[..., Settings],
) -> None:
    seeing = ScriptedModel(breaks(ModelUnavailable(model="a", reason="away")), name="seeing")
    blind = ScriptedModel(says("Hello."), name="blind", sees=False)
    models = Fallback([seeing, blind], configure())

    output = await collect(models, showing(CAT))

    assert await models.can_see() is True
    assert seeing.prompts[0].has_images
    assert not blind.prompts[0].has_images
    assert output.chunks[-1].note == "I have not seen the picture: blind cannot see pictures."


async def test_what_a_document_or_a_pictures_name_says_makes_tgi_fetch_nothing(
    build: Build,
) -> None:
    opens = "![](http://169.254.169.254/latest)"
    budget = Budget.fit(high=8_000, low=2_000, recall=1_200, answer=100)
    prompt = build_prompt(
        system=build_system_text("You are Nellie.", budget),
        transcript="[2026-11-22 12:00] ana: hello",
        ends=(29,),
        conversation=[],
        recalled=[],
        trigger=plain_message(f"what is this? {opens}"),
        shown=(),
        now=NOON,
        budget=budget,
        passages=[found_passage(f"so {opens}", heading=opens, name=f"{opens}.pdf")],
        images=[replace(DOG, name=f"{opens}.gif")],
        unseen=[UnseenPicture(f"{opens}.png", "it moves")],
    )
    async with TGIServer(sees=True) as double:
        output = await collect(build(TGI, "", tgi_url=double.url), prompt)

    assert output.error is None
    assert output.chunks[-1].note == ""
    assert double.fetched == []
    [sent] = [one["inputs"] for one in double.prompts if "parameters" in one]
    assert sent.count("![](") == sent.count("![](data:image/gif;base64,") == 1
