"""Stands in for llama-cpp-python in the worker's process: its names, its ways, and its faults.

What it answers is decided by the last message of a prompt, below; how it loads by the last line of
the file (doubles.gguf_file).
"""

import array
import itertools
import json
import os
import re
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

WORDS: list[bytes] = []  # the vocabulary: a token is a word's place in it
_ABORT: list[Callable[[Any], bool] | None] = [None]
_HEAR: list[Callable[[int, bytes, Any], None]] = []
_LOADING_ERRORS = {
    "cut off": b"llama_model_load: error loading model: tensor 'blk.9.ffn_up.weight' data is not"
    b" within the file bounds, model is corrupted or incomplete\n",
    "unknown": b"llama_model_load: error loading model: unknown model architecture: 'brain'\n",
    "memory": b"ggml_backend_cpu_buffer_type_alloc_buffer: failed to allocate buffer of size 9e9\n",
}


def llama_log_callback(hear: Any) -> Any:
    return hear


def llama_log_set(hear: Any, _: Any) -> None:
    _HEAR[:] = [hear]


def ggml_abort_callback(callback: Any = None) -> Any:
    return callback


def llama_set_abort_callback(_: Any, callback: Any, __: Any) -> None:
    _ABORT[0] = callback


class StoppingCriteriaList(list[Any]):
    def __call__(self, *given: Any) -> bool:
        return sum(one(*given) for one in self) > 0  # all are asked


class LlamaGrammar:
    def __init__(self, schema: dict[str, Any]) -> None:
        self.schema = schema

    @classmethod
    def from_json_schema(cls, json_schema: str, verbose: bool = True) -> "LlamaGrammar":
        schema = json.loads(json_schema)
        if "$ref" in schema:
            raise ValueError("Unsupported ref")
        return cls(schema)


class _Vocabulary:
    def token_get_text(self, token: int) -> str:
        return "<s>" if token == 1 else "</s>"


class Llama:
    def __init__(self, path: str, *, n_ctx: int, verbose: bool, **_: Any) -> None:
        with open(path, "rb") as file:
            described = json.loads(file.read().rpartition(b"\n")[2])
        fault = described.get("loading", "")
        if fault in _LOADING_ERRORS:
            for hear in _HEAR:
                hear(4, _LOADING_ERRORS[fault], None)
            raise ValueError(f"Failed to load model from file: {path}")
        if fault == "killed":
            os.kill(os.getpid(), signal.SIGKILL)
        if fault == "wrong processor":
            os.kill(os.getpid(), signal.SIGILL)
        self.metadata = {"tokenizer.chat_template": described.get("template", "")}
        self._model = _Vocabulary()
        self.ctx = object()
        self.n_tokens = 0
        self.input_ids = array.array("l", [0] * n_ctx)
        self._n_ctx = n_ctx

    def token_bos(self) -> int:
        return 1

    def token_eos(self) -> int:
        return 2

    def n_ctx(self) -> int:
        return self._n_ctx

    def reset(self) -> None:
        self.n_tokens = 0

    def tokenize(self, text: bytes, *, add_bos: bool, special: bool) -> list[int]:
        return [_token_of(word) for word in re.findall(rb"\s*\S+|\s+\Z", text)]

    def create_completion(
        self,
        *,
        prompt: list[int],
        max_tokens: int,
        stream: bool,
        stop: list[str] | None = None,
        stopping_criteria: StoppingCriteriaList,
        grammar: LlamaGrammar | None,
        **sampling: Any,
    ) -> Iterator[dict[str, Any]]:
        same = itertools.takewhile(
            lambda pair: pair[0] == pair[1],
            zip(self.input_ids[: self.n_tokens], prompt, strict=False),
        )
        self.n_tokens = len(list(same))
        for token in prompt[self.n_tokens :]:
            self._eval(token)
        asked = b"".join(WORDS[token] for token in prompt).decode().rpartition("user: ")[2]
        asked = asked.removesuffix("<think>\n")
        finish, text = "length", ""
        stop = stop or []
        words = _answer(asked.strip(), {**sampling, "stop": stop})
        if grammar:
            words = [json.dumps(dict.fromkeys(grammar.schema["properties"], "yes"))]
        for place, word in enumerate(words):
            if place == max_tokens or stopping_criteria(None, None):
                break
            text += word
            ends = [text.index(one) for one in stop if one in text]
            if ends:
                rest = word[: len(word) - (len(text) - min(ends))]
                yield _chunk(rest)
                finish = "stop"
                break
            yield _chunk(word)
        else:
            finish = "stop"
        if stopping_criteria(None, None):
            finish = "stop"
        yield _chunk("", finish)

    def _eval(self, token: int) -> None:
        if WORDS[token].strip() == b"heavy":
            time.sleep(0.01)
        if _ABORT[0] and _ABORT[0](None):
            raise RuntimeError("llama_decode returned 2")
        self.input_ids[self.n_tokens] = token
        self.n_tokens += 1


def _token_of(word: bytes) -> int:
    if word not in WORDS:
        WORDS.append(word)
    return WORDS.index(word)


def _chunk(text: str, finish: str | None = None) -> dict[str, Any]:
    return {"choices": [{"text": text, "index": 0, "logprobs": None, "finish_reason": finish}]}


def _answer(asked: str, sampling: dict[str, Any]) -> Iterable[str]:
    """Word by word."""
    question = asked.splitlines()[-1] if asked else ""
    if question.startswith("say ") and question != "say nothing":
        return re.findall(r"\S+\s*", question.removeprefix("say "))
    if question in _FAULTS:
        return _FAULTS[question]()
    return {
        "say nothing": [],
        "tell sampling": [json.dumps(sampling, sort_keys=True)],
        "tell environment": [" ".join(sorted(os.environ))],
        "tell modules": [" ".join(sorted(name for name in sys.modules if name[:3] == "bot"))],
        "repeat": [asked],
        "think": ["<th", "ink>hm, ", "let me see</thi", "nk>", "Friday."],
        "think on": ["hm, ", "let me see</think>", "Friday."],
    }.get(question, ["Behind ", "the ", "station."])


def _go_on() -> Iterator[str]:
    for number in itertools.count():
        time.sleep(0.001)
        yield f"{number} "


def _be_killed() -> Iterator[str]:
    yield "I am "
    os.kill(os.getpid(), signal.SIGKILL)


def _be_killed_at_once() -> Iterator[str]:
    os.kill(os.getpid(), signal.SIGKILL)
    yield ""


def _fail_an_assertion() -> Iterator[str]:
    os.write(2, b"ggml.c:1: GGML_ASSERT(n > 0) failed\n\n")
    os.abort()
    yield ""


def _raise() -> Iterator[str]:
    raise RuntimeError("llama_decode returned -3")
    yield ""


def _hear_nobody() -> Iterator[str]:
    yield "Now "
    time.sleep(600)


def _print() -> Iterator[str]:
    sys.stdout.write("noise on standard output\n")
    sys.stdout.flush()
    os.write(1, b"more noise\n")
    yield "Quiet."


_FAULTS: dict[str, Callable[[], Iterator[str]]] = {
    "go on for ever": _go_on,
    "be killed": _be_killed,
    "be killed at once": _be_killed_at_once,
    "fail an assertion": _fail_an_assertion,
    "raise": _raise,
    "hear nobody": _hear_nobody,
    "print": _print,
}
