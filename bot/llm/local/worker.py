"""The process that holds one GGUF model (bot.llm.local.process starts it): JSON lines in and out.

It is run as a script and imports nothing of Nellie, so that it has nothing of her memory, settings
or secrets. It ends with its standard input, which is when Nellie has ended, however that was.
"""

import json
import os
import queue
import secrets
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from typing import Any, TextIO

SIGN_OF_LIFE = 2.0  # seconds
SHORTEST_ANSWER = 16  # tokens: a prompt that leaves less room is too long
_ERROR = 4  # llama.cpp's level of errors in its log
_TAIL = 60  # characters at the end of a prompt, by which Nellie sees whether it opens thoughts
_CHATML = (  # for a file without a template, as llama.cpp itself does
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}"
    "<|im_end|>\n{% endfor %}<|im_start|>assistant\n"
)
_TAKEN = ("temperature", "top_p", "stop", "frequency_penalty", "presence_penalty")
_TEMPERATURE = 0.2  # the library's own for chats

Message = dict[str, Any]


class Stopped(Exception):
    """Nobody waits for this answer any more."""


class Wire:
    """What comes from Nellie and what goes to her. Its thread hears a stop at any time."""

    def __init__(self, out: TextIO) -> None:
        self.requests: queue.Queue[Message] = queue.Queue()
        self.progress = 0
        """Grows while something is computed."""
        self.is_loading = True
        self._out = out
        self._writing = threading.Lock()
        self._stopped: set[int] = set()

    def say(self, **message: Any) -> None:
        """One line to Nellie."""
        with self._writing:
            self._out.write(json.dumps(message) + "\n")
            self._out.flush()

    def is_stopped(self, number: int) -> bool:
        """Whether nobody waits for this answer any more."""
        return number in self._stopped

    def listen(self) -> None:
        """Hear requests and stops; the end of the input is the end of this process."""
        for line in sys.stdin.buffer:
            message = json.loads(line)
            if "stop" in message:
                self._stopped.add(message["stop"])
            else:
                self.requests.put(message)
        os._exit(0)  # at once, whatever is being computed

    def beat(self) -> None:
        """Give signs of life, but only while something moves."""
        seen = 0
        while True:
            if self.is_loading or self.progress != seen:
                seen = self.progress
                self.say(alive=True)
            time.sleep(SIGN_OF_LIFE)


class LoadedModel:
    """The model in memory."""

    def __init__(self, path: str, window: int, threads: int, wire: Wire) -> None:
        import llama_cpp
        from llama_cpp.llama_chat_format import Jinja2ChatFormatter

        self._library = llama_cpp
        self._wire = wire
        self._llama = llama_cpp.Llama(
            path, n_ctx=window, n_threads=threads, n_threads_batch=threads, verbose=False
        )
        vocabulary = self._llama._model  # it has no other way to a token's text
        self._begin, end = (
            vocabulary.token_get_text(token) if token >= 0 else ""
            for token in (self._llama.token_bos(), self._llama.token_eos())
        )
        template = self._llama.metadata.get("tokenizer.chat_template") or _CHATML
        self._render = Jinja2ChatFormatter(template, eos_token=end, bos_token=self._begin)
        self._number = 0
        # Kept here: the library holds no reference to what it calls.
        self._on_compute = llama_cpp.ggml_abort_callback(self._is_in_vain)

    def answer(self, request: Message) -> None:
        """Say what the model answers, and how it ended."""
        self._number = number = request["id"]
        if self._wire.is_stopped(number):
            raise Stopped
        text = self._template(request["messages"], request["generation"])
        adds_begin, raw = not text.startswith(self._begin or "\0"), text.encode("utf-8", "replace")
        tokens = self._llama.tokenize(raw, add_bos=adds_begin, special=True)
        window = self._llama.n_ctx()
        if window - len(tokens) < min(SHORTEST_ANSWER, request["room"]):
            self._wire.say(id=number, overflow={"needed": len(tokens), "window": window})
            return
        usage = {"input": len(tokens), "cached": self._count_cached(tokens)}
        self._wire.say(id=number, begun=text[-_TAIL:])
        for choice in self._generate(tokens, request, usage):
            self._wire.say(id=number, text=choice["text"])
        self._wire.say(id=number, end=choice["finish_reason"] or "length", usage=usage)

    def reset(self) -> None:
        """Forget what was computed: an answer broke off in the middle of it."""
        self._llama.reset()

    def _template(self, messages: list[Message], generation: Message) -> str:
        effort = generation.get("reasoning_effort")
        thinks = effort != "none"
        options = {"reasoning_effort": effort, "enable_thinking": thinks} if effort else {}
        try:
            return str(self._render(messages=messages, **options).prompt)
        except Exception:  # it knows no system role, or wants people and model by turns
            return str(self._render(messages=fold(messages), **options).prompt)

    def _count_cached(self, tokens: Sequence[int]) -> int:
        """Tokens that the prompt has in common with the one before, which are not read again."""
        before = self._llama.input_ids[: self._llama.n_tokens].tolist()
        pairs = zip(before, tokens, strict=False)
        same = next((place for place, (a, b) in enumerate(pairs) if a != b), None)
        return min(len(before), len(tokens) - 1) if same is None else same

    def _generate(self, tokens: list[int], request: Message, usage: Message) -> Iterator[Any]:
        generation, counted = request["generation"], 0
        taken = [name for name in _TAKEN if name in generation]

        def count(*_: Any) -> bool:
            nonlocal counted
            if not counted:  # from here on, a stop is heard between two tokens
                self._watch(False)
            counted += 1
            self._wire.progress += 1
            return self._wire.is_stopped(self._number)

        self._watch(True)
        for chunk in self._llama.create_completion(
            prompt=tokens,
            max_tokens=request["room"],
            stream=True,
            stopping_criteria=self._library.StoppingCriteriaList([count]),
            grammar=self._grammar(request["schema"]),
            seed=generation.get("seed", secrets.randbits(31)),
            **{"temperature": _TEMPERATURE, **{key: generation[key] for key in taken}},
        ):
            if self._wire.is_stopped(self._number):
                raise Stopped
            yield chunk["choices"][0]
        usage["output"] = max(0, counted - 1)  # it is asked once more at the end

    def _grammar(self, schema: Message | None) -> Any:
        """What holds an answer to a schema; nothing where the library cannot."""
        try:
            text = json.dumps(schema)
            return schema and self._library.LlamaGrammar.from_json_schema(text, verbose=False)
        except Exception:  # then it answers in free words, and whoever asked checks that
            return None

    def _watch(self, on: bool) -> None:
        """Whether each step of a computation is asked about: it costs a little."""
        callback = self._on_compute if on else self._library.ggml_abort_callback()
        self._library.llama_set_abort_callback(self._llama.ctx, callback, None)

    def _is_in_vain(self, _: Any) -> bool:
        """Asked while a prompt is being read, which takes a while."""
        self._wire.progress += 1
        return self._wire.is_stopped(self._number)


def fold(messages: list[Message]) -> list[Message]:
    """The same without a system role, and with people and the model by turns."""
    folded: list[Message] = []
    for message in messages:
        role = "assistant" if message["role"] == "assistant" else "user"
        if folded and folded[-1]["role"] == role:
            folded[-1]["content"] += f"\n\n{message['content']}"
        else:
            folded.append({"role": role, "content": message["content"]})
    return folded


def serve(path: str, window: int, threads: int, wire: Wire) -> None:
    """Load the model, and answer until nobody asks any more."""
    said: deque[str] = deque(maxlen=20)
    try:
        hear_errors(said)
        model = LoadedModel(path, window, threads, wire)
    except Exception as error:
        wire.say(failed=" ".join((*said, f"{type(error).__name__}: {error}")))
        return
    wire.is_loading = False
    while True:
        answer(model, wire.requests.get(), wire)


def answer(model: LoadedModel, request: Message, wire: Wire) -> None:
    """Answer one request. Every request has one last message: an end, an error or an overflow."""
    number = request["id"]
    try:
        model.answer(request)
    except Stopped:
        wire.say(id=number, end="stopped", usage=None)
    except Exception as error:
        model.reset()
        if wire.is_stopped(number):  # it was stopped while its prompt was read
            wire.say(id=number, end="stopped", usage=None)
        else:
            wire.say(id=number, error=f"{type(error).__name__}: {error}")


def hear_errors(said: deque[str]) -> None:
    """Keep what llama.cpp logs of errors: it says why a file does not load."""
    import llama_cpp

    @llama_cpp.llama_log_callback  # type: ignore[untyped-decorator]  # it ships no stubs
    def hear(level: int, text: bytes, _: Any) -> None:
        if level == _ERROR:
            said.append(text.decode("utf-8", "replace").strip())

    llama_cpp.llama_log_set(hear, None)
    llama_cpp._nellie_log = hear  # kept: the library holds no reference to it


def main() -> None:
    """Leave standard output to the wire alone: libraries print."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    wire = Wire(out)
    threading.Thread(target=wire.listen, daemon=True).start()
    threading.Thread(target=wire.beat, daemon=True).start()
    serve(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), wire)


if __name__ == "__main__":
    main()
