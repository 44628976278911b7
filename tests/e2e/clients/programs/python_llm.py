"""Every task with the command `llm`; prints what came of each, as JSON."""

import ast
import base64
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tasks import Tasks, tell

LLM = str(Path(sys.executable).with_name("llm"))
BASE_URL = os.environ["BASE_URL"]
WEATHER = 'def weather(city: str) -> str:\n    "The weather of a city."\n    return "sunny"\n'

folder = Path(tempfile.mkdtemp(prefix="nellie-llm-"))
picture = folder / "dot.png"
picture.write_bytes(base64.b64decode(os.environ["PICTURE"].partition(",")[2]))
known = [
    ("nellie", os.environ["MODEL"], "nellie"),
    ("nobody", "nobody/knows", "nellie"),
    ("wrong", os.environ["MODEL"], "wrong"),
    ("spent", os.environ["MODEL"], "spent"),
]
(folder / "extra-openai-models.yaml").write_text(
    "".join(
        f"- model_id: {id_}\n  model_name: {name}\n  api_base: {BASE_URL}\n"
        f"  api_key_name: {key}\n  supports_tools: true\n  vision: true\n"
        for id_, name, key in known
    )
    + f"- model_id: by-responses\n  model_name: {os.environ['MODEL']}\n  api_base: {BASE_URL}\n"
    "  api_key_name: nellie\n  responses: true\n"
)
keys = {"nellie": "KEY", "wrong": "WRONG_KEY", "spent": "SPENT_KEY"}
(folder / "keys.json").write_text(json.dumps({key: os.environ[of] for key, of in keys.items()}))


def llm(*arguments: str) -> "subprocess.CompletedProcess[str]":
    environ = {**os.environ, "LLM_USER_PATH": str(folder)}
    return subprocess.run(  # noqa: S603  # what is tested
        [LLM, *arguments], env=environ, capture_output=True, text=True, stdin=subprocess.DEVNULL
    )


def said(*arguments: str) -> str:
    done = llm(*arguments)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return done.stdout.strip()


def models() -> Any:
    shown = said("openai", "endpoint", BASE_URL, "--models", "--key", os.environ["KEY"])
    return {"listed": shown.split()}


def stream() -> Any:
    text = said("-m", "nellie", "hello, word by word")
    logged = json.loads(said("logs", "--json", "-n", "1"))[0]
    tokens = (logged["input_tokens"] or 0) + (logged["output_tokens"] or 0)
    return {"text": text, "tokens": tokens}


def tool() -> Any:
    shown = llm("-m", "nellie", "--functions", WEATHER, "--td", "How is the weather in Paris?")
    name, arguments = re.findall(r"Tool call: (\w+)\((.*)\)", shown.stderr)[0]
    return {"name": name, "arguments": ast.literal_eval(arguments), "text": shown.stdout.strip()}


def failing(model: str) -> Any:
    done = llm("-m", model, "hello")
    found = re.search(r"Error code: (\d+)", done.stderr)
    return {"kind": "Error", "status": int(found[1]) if found else 0, "text": done.stderr.strip()}


TASKS: Tasks = {
    "models": models,
    "chat": lambda: {"text": said("-m", "nellie", "--no-stream", "hello")},
    "stream": stream,
    "tool": tool,
    "image": lambda: {"text": said("-m", "nellie", "What is this?", "-a", str(picture))},
    "bad_key": lambda: failing("wrong"),
    "unknown_model": lambda: failing("nobody"),
    "spent": lambda: failing("spent"),
    "responses": lambda: {
        "text": said("-m", "by-responses", "--no-stream", "hello"),
        "streamed": said("-m", "by-responses", "hello, word by word"),
        "status": "completed",
    },
}


tell(TASKS)
