"""Every task with LangChain; prints what came of each, as JSON."""

import os
from typing import Any

import openai
from langchain_core.messages import HumanMessage, ToolMessage
from langchain_core.tools import tool as a_tool
from langchain_openai import ChatOpenAI, OpenAIEmbeddings
from tasks import Tasks, tell

MODEL = os.environ["MODEL"]


@a_tool
def weather(city: str) -> str:
    """The weather of a city."""
    return "sunny"


def model(name: str = MODEL, key: str = "KEY", **given: Any) -> ChatOpenAI:
    return ChatOpenAI(
        **given,
        model=name,
        base_url=os.environ["BASE_URL"],
        api_key=os.environ[key],
        stream_usage=True,
    )


def chat() -> Any:
    done = model().invoke("hello")
    return {"text": done.content, "tokens": done.usage_metadata["total_tokens"]}


def stream() -> Any:
    chunks = list(model().stream("hello, word by word"))
    tokens = max((one.usage_metadata or {}).get("total_tokens", 0) for one in chunks)
    text = "".join(one.content for one in chunks)
    return {"text": text, "tokens": tokens, "chunks": len(chunks)}


def tool() -> Any:
    bound = model().bind_tools([weather])
    question = HumanMessage("How is the weather in Paris?")
    first = bound.invoke([question])
    [call] = first.tool_calls
    said = ToolMessage(weather.invoke(call["args"]), tool_call_id=call["id"])
    second = bound.invoke([question, first, said])
    return {"name": call["name"], "arguments": call["args"], "text": second.content}


def streamed_tool() -> Any:
    whole = None
    for chunk in model().bind_tools([weather]).stream("How is the weather in Paris?"):
        whole = chunk if whole is None else whole + chunk
    [call] = whole.tool_calls
    return {"name": call["name"], "arguments": call["args"]}


def image() -> Any:
    parts = [
        {"type": "text", "text": "What is this?"},
        {"type": "image_url", "image_url": {"url": os.environ["PICTURE"]}},
    ]
    return {"text": model().invoke([HumanMessage(parts)]).content}


def embed() -> Any:
    embedder = OpenAIEmbeddings(
        model=os.environ["EMBEDDER"],
        base_url=os.environ["BASE_URL"],
        api_key=os.environ["KEY"],
        check_embedding_ctx_length=False,  # it would fetch OpenAI's tokenizer
    )
    return {"vectors": embedder.embed_documents(["one", "two"])}


def failing(**given: str) -> Any:
    try:
        model(given.get("model", MODEL), given.get("key", "KEY")).invoke("hello")
    except openai.APIStatusError as error:
        kind = type(error).__name__
        return {"kind": kind, "status": error.status_code, "code": error.code, "text": str(error)}
    return {}


def responses() -> Any:
    by_responses = model(use_responses_api=True)
    done = by_responses.invoke("hello")
    streamed = "".join(one.text for one in by_responses.stream("hello, word by word"))
    return {"text": done.text, "streamed": streamed, "status": done.response_metadata["status"]}


TASKS: Tasks = {
    "chat": chat,
    "stream": stream,
    "tool": tool,
    "streamed_tool": streamed_tool,
    "image": image,
    "embed": embed,
    "bad_key": lambda: failing(key="WRONG_KEY"),
    "unknown_model": lambda: failing(model="nobody/knows"),
    "spent": lambda: failing(key="SPENT_KEY"),
    "responses": responses,
}


tell(TASKS)
