"""The words of failing servers, each as that server says them."""

import pytest
from pydantic import SecretStr

from bot.domain.errors import (
    ContextOverflow,
    ModelError,
    ModelOverloaded,
    ModelRejected,
    ModelUnavailable,
)
from bot.domain.model import ChatMessage, Prompt
from bot.llm.error_mapping import make_readable, map_error
from bot.testing import prompt_of

OVERFLOWS = {
    "openai": (
        "This model's maximum context length is 8192 tokens. However, your messages resulted in "
        "9000 tokens. Please reduce the length of the messages.",
        9000,
        8192,
    ),
    "openai, newer": (
        "Your input exceeds the context window of this model. Please adjust your input.",
        None,
        None,
    ),
    "vllm, older": (
        "This model's maximum context length is 16384 tokens. However, you requested 19591 tokens "
        "(9591 in the messages, 10000 in the completion).",
        9591,
        16384,
    ),
    "vllm": (
        "'max_tokens' or 'max_completion_tokens' is too large: 1000. This model's maximum context "
        "length is 4096 tokens and your request has 3500 input tokens (1000 > 4096 - 3500).",
        3500,
        4096,
    ),
    "vllm, newer": (
        "You passed 31745 input tokens and requested 1024 output tokens. However, the model's "
        "context length is only 32768 tokens, resulting in a maximum input length of 31744 tokens.",
        31745,
        32768,
    ),
    "sglang": (
        "The input (61709 tokens) is longer than the model's context length (40960 tokens).",
        61709,
        40960,
    ),
    "sglang, with the answer": (
        "Requested token count exceeds the model's maximum context length of 4096 tokens. You "
        "requested a total of 5000 tokens: 4000 tokens from the input messages and 1000 tokens "
        "for the completion.",
        4000,
        4096,
    ),
    "llama-server": (
        "the request exceeds the available context size. {'type': 'exceed_context_size_error', "
        "'n_prompt_tokens': 14429, 'n_ctx': 8192}",
        14429,
        8192,
    ),
    "llama-cpp-python": ("Requested tokens (2285) exceed context window of 2048", 2285, 2048),
    "lm studio": (
        "Trying to keep the first 6547 tokens when context the overflows. However, the model is "
        "loaded with context length of only 4096 tokens, which is not enough.",
        6547,
        4096,
    ),
    "lm studio, newer": (
        "The number of tokens to keep from the initial prompt is greater than the context length "
        "(n_keep: 13055>= n_ctx: 4096).",
        13055,
        4096,
    ),
    "tgi": (
        "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 2048. Given: 4000 "
        "`inputs` tokens and 20 `max_new_tokens`",
        4000,
        2048,
    ),
    "qwen": ("Range of input length should be [1, 98304]", None, 98304),
    "mlx": ("Prompt length (5056) exceeds maximum sequence length (2048)", 5056, 2048),
    "koboldcpp": ("input prompt is too big compared to KV size", None, None),
    "moonshot": ("Your request exceeded model token limit: 8192 (requested: 9342)", 9342, 8192),
    "gemini": (
        "The input token count (9342) exceeds the maximum number of tokens allowed (8192).",
        9342,
        8192,
    ),
    "copilot": ("prompt token count of 9342 exceeds the limit of 8192", 9342, 8192),
    "anthropic": ("prompt is too long: 215000 tokens > 200000 maximum", 215000, 200000),
    "bedrock": ("ValidationException: Input is too long for requested model.", None, None),
    "zhipu": ("输入过长，请减少输入长度", None, None),
    "deepseek, in Chinese": ("请求的上下文长度超出模型限制", None, None),
    "mistral": ("Prompt contains 40000 tokens: too many tokens for this model", None, None),
    "cohere": ("too many tokens: total number of tokens cannot exceed 4081", None, None),
    "openai, of one text": (
        "Invalid 'messages[1].content': string too long. Expected a string with maximum length "
        "10485760, but got a string with length 12000000 instead.",
        None,
        None,
    ),
    "tgi, input alone": (
        "Input validation error: `inputs` must have less than 1024 tokens. Given: 1200",
        1200,
        1024,
    ),
}


@pytest.mark.parametrize(("words", "needed", "window"), OVERFLOWS.values(), ids=OVERFLOWS)
@pytest.mark.parametrize("status", [400, None])
def test_recognises_an_overflow_with_its_numbers(
    status: int | None, words: str, needed: int | None, window: int | None
) -> None:
    error = map_error("m", status, words)

    assert isinstance(error, ContextOverflow)
    assert error.details["needed"] == needed
    assert error.details["window"] == window


def test_takes_a_payload_too_large_for_an_overflow() -> None:
    assert isinstance(map_error("m", 413, "length limit exceeded"), ContextOverflow)


@pytest.mark.parametrize(
    ("status", "words", "kind"),
    [
        (429, "Rate limit reached for requests with this context length", ModelOverloaded),
        (503, "loading model", ModelOverloaded),
        (None, "Model is overloaded", ModelOverloaded),
        (429, "insufficient_quota: check your plan", ModelRejected),
        (401, "no such key", ModelRejected),
        (403, "country not supported", ModelRejected),
        (404, "no such model", ModelRejected),
        (422, "Template error: System role not supported", ModelRejected),
        (500, "CUDA error", ModelUnavailable),
        (None, "CUDA error", ModelError),
        (200, "it answered without JSON", ModelError),
    ],
)
def test_tells_busy_from_refusing_from_broken(
    status: int | None, words: str, kind: type[ModelError]
) -> None:
    assert type(map_error("m", status, words)) is kind


def test_shows_a_web_page_as_its_words() -> None:
    page = "<html><style>h1 {}</style><h1>Bad\nGateway</h1></html>"

    assert make_readable(page) == "Bad Gateway"


def test_shows_no_key_and_no_novel() -> None:
    said = make_readable("the key sk-1 is wrong " * 100, [None, SecretStr(""), SecretStr("sk-1")])

    assert "sk-1" not in said
    assert len(said) < 310


@pytest.mark.parametrize(
    "words",
    [
        "invalid character in: 'our context window is 8k'",
        "Invalid 'messages[3].content': bad escape near 'lower n_ctx'",
        'cannot parse "the prompt is too long for me"',
        "unexpected text “context length exceeded” in a message",
        "cannot parse: does anybody know our context window here",
    ],
)
def test_what_a_person_wrote_is_no_overflow(words: str) -> None:
    prompt = prompt_of("so, does anybody know our context window here, please?")

    assert type(map_error("m", 400, words, prompt=prompt)) is ModelRejected


@pytest.mark.parametrize(
    ("status", "words", "kind"),
    [
        (413, "tokens per minute (TPM): Limit 6000, Requested 9342", ContextOverflow),
        (429, "on tokens per min (TPM): Limit 30000, Requested 41234.", ContextOverflow),
        (429, "tokens per min (TPM): Limit 30000, Used 29000, Requested 2000", ModelOverloaded),
        (413, "tokens per minute, Limit 6000, Used 5000, Requested 2000", ModelOverloaded),
        (None, "Rate limit reached: 3 requests per minute", ModelOverloaded),
    ],
)
def test_tells_a_minute_s_limit_from_a_window(
    status: int | None, words: str, kind: type[ModelError]
) -> None:
    error = map_error("m", status, words)

    assert type(error) is kind
    assert error.details.get("window") is None


def test_a_short_key_is_not_blotted_out_of_every_word() -> None:
    said = make_readable("the model test-1 is no test: key test", [SecretStr("test")])

    assert said == "the model test-1 is no test: key test"


@pytest.mark.parametrize(
    "words",
    [
        "inputs must have less than 4095 tokens. Given: 5000",
        "Input exceeds maximum allowed tokens",
        "model_max_prompt_tokens_exceeded",
        "This model supports at most 8,192 tokens, but the request has 9,000",
        "The text is too long: at most 8192 tokens",
        "入力トークン数が上限を超えています",
        "입력 토큰이 최대 길이를 초과했습니다",
        "Превышена максимальная длина контекста",
        "La longueur du prompt dépasse la limite de contexte",
        "Se superó el límite de contexto del modelo",
        "Der Prompt passt nicht in das Kontextfenster",
    ],
)
def test_recognises_an_overflow_in_other_words(words: str) -> None:
    assert isinstance(map_error("m", 400, words), ContextOverflow)


@pytest.mark.parametrize(
    ("words", "needed", "window"),
    [
        ("message token count of 9,342 exceeds the limit of 8,192", 9342, 8192),
        ("prompt is too long: 208,310 tokens > 200,000 maximum", 208310, 200000),
        ("Requested tokens (5_000) exceed context window of 4_096", 5000, 4096),
        (
            "token count (1,189,801) exceeds the maximum number of tokens allowed (1,048,576)",
            1189801,
            1048576,
        ),
    ],
)
def test_reads_numbers_as_people_write_them(words: str, needed: int, window: int) -> None:
    details = map_error("m", 400, words).details

    assert (details["needed"], details["window"]) == (needed, window)


@pytest.mark.parametrize(
    "words",
    [
        "`max_tokens` must be less than or equal to `8192`, the maximum value for `max_tokens` is"
        " less than the `context_window` for this model",
        "max_completion_tokens should be at most 4096, as the context window allows no more",
        "max_new_tokens is above the model limit of the context size",
        "Your account has exceeded its token limit for this month",
        "You have exceeded your monthly token limit. Please upgrade.",
        "token limit exceeded for this billing period",
        "Invalid control character at: line 1 column 9 (char 8): context window",
        "Failed to parse messages[4]: maximum context length, said ana",
        "Unexpected token in JSON near the prompt is too long",
        "invalid utf-8 sequence after: our context size is small",
    ],
)
def test_what_is_wrong_with_something_else_is_no_overflow(words: str) -> None:
    assert isinstance(map_error("m", 400, words), ModelRejected)


@pytest.mark.parametrize(
    "words",
    [
        "cannot handle: our context window is 8k, and",
        "rejected because of he said the prompt is too long",
        "flagged: max number of tokens is what I asked about",
    ],
)
def test_what_stands_in_the_prompt_is_no_overflow_without_quotes_either(words: str) -> None:
    said = (
        "ana: our context window is 8k, and he said the prompt is too long. The max number of"
        " tokens is what I asked about."
    )
    prompt = Prompt("answer", (ChatMessage("user", said),), 10)

    assert isinstance(map_error("m", 400, words, prompt=prompt), ModelRejected)
    assert isinstance(
        map_error("m", 400, "the prompt is too long for this model", prompt=prompt),
        ContextOverflow,
    )
