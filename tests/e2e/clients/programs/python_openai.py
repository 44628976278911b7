"""Every task with the SDK of OpenAI for Python; prints what came of each, as JSON."""

import json
import os
from typing import Any

import openai
from tasks import Tasks, tell

MODEL, EMBEDDER = os.environ["MODEL"], os.environ["EMBEDDER"]
TOOL = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "The weather of a city.",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
        },
    },
}


def client(key: str = "KEY") -> openai.OpenAI:
    return openai.OpenAI(base_url=os.environ["BASE_URL"], api_key=os.environ[key])


def asked(text: str) -> list[Any]:
    return [{"role": "user", "content": text}]


def models() -> Any:
    listed = [one.id for one in client().models.list()]
    return {"listed": listed, "one": client().models.retrieve(MODEL).id}


def chat() -> Any:
    done = client().chat.completions.create(model=MODEL, messages=asked("hello"))
    return {"text": done.choices[0].message.content, "tokens": done.usage.total_tokens}


def stream() -> Any:
    texts, tokens, chunks = [], 0, 0
    for chunk in client().chat.completions.create(
        model=MODEL,
        messages=asked("hello, word by word"),
        stream=True,
        stream_options={"include_usage": True},
    ):
        chunks += 1
        texts += [choice.delta.content or "" for choice in chunk.choices]
        tokens = chunk.usage.total_tokens if chunk.usage else tokens
    return {"text": "".join(texts), "tokens": tokens, "chunks": chunks}


def tool() -> Any:
    api, messages = client(), asked("How is the weather in Paris?")
    first = api.chat.completions.create(model=MODEL, messages=messages, tools=[TOOL])
    message = first.choices[0].message
    [call] = message.tool_calls
    messages += [message, {"role": "tool", "tool_call_id": call.id, "content": "sunny"}]
    second = api.chat.completions.create(model=MODEL, messages=messages, tools=[TOOL])
    return {
        "name": call.function.name,
        "arguments": json.loads(call.function.arguments),
        "text": second.choices[0].message.content,
    }


def streamed_tool() -> Any:
    with client().chat.completions.stream(
        model=MODEL, messages=asked("How is the weather in Paris?"), tools=[TOOL]
    ) as events:
        done = events.get_final_completion()
    [call] = done.choices[0].message.tool_calls
    return {"name": call.function.name, "arguments": json.loads(call.function.arguments)}


def image() -> Any:
    parts = [
        {"type": "text", "text": "What is this?"},
        {"type": "image_url", "image_url": {"url": os.environ["PICTURE"]}},
    ]
    done = client().chat.completions.create(
        model=MODEL, messages=[{"role": "user", "content": parts}]
    )
    return {"text": done.choices[0].message.content}


def embed() -> Any:
    done = client().embeddings.create(model=EMBEDDER, input=["one", "two"])
    return {"vectors": [one.embedding for one in done.data]}


def failing(**given: Any) -> Any:
    try:
        client(given.get("key", "KEY")).chat.completions.create(
            model=given.get("model", MODEL), messages=asked("hello")
        )
    except openai.APIStatusError as error:
        kind = type(error).__name__
        return {"kind": kind, "status": error.status_code, "code": error.code, "text": str(error)}
    return {}


def broken_off() -> Any:
    texts = []
    try:
        for chunk in client().chat.completions.create(
            model=MODEL, messages=asked("break off, please"), stream=True
        ):
            texts += [choice.delta.content or "" for choice in chunk.choices]
    except openai.APIError as error:
        return {"text": str(error), "before": "".join(texts)}
    return {}


def busy() -> Any:
    try:
        client().with_options(max_retries=0).chat.completions.create(
            model=MODEL, messages=asked("be busy"), stream=True
        )
    except openai.RateLimitError as error:
        return {"status": error.status_code, "text": str(error)}
    return {}


def responses() -> Any:
    done = client().responses.create(model=MODEL, input="hello", instructions="Be brief.")
    texts = []
    with client().responses.stream(model=MODEL, input="hello, word by word") as events:
        texts = [event.delta for event in events if event.type == "response.output_text.delta"]
        final = events.get_final_response()
    return {"text": done.output_text, "streamed": "".join(texts), "status": final.status}


TASKS: Tasks = {
    "models": models,
    "chat": chat,
    "stream": stream,
    "tool": tool,
    "streamed_tool": streamed_tool,
    "image": image,
    "embed": embed,
    "bad_key": lambda: failing(key="WRONG_KEY"),
    "unknown_model": lambda: failing(model="nobody/knows"),
    "spent": lambda: failing(key="SPENT_KEY"),
    "broken_off": broken_off,
    "busy": busy,
    "responses": responses,
}


tell(TASKS)
