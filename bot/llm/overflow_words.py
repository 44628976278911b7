"""How servers say that a prompt was too long; what is only quoted in an error is none. Pure."""

import re

from bot.domain.model import Prompt

# Every server words it differently; each line below is one of them, or several.
_OVERFLOW = re.compile(
    r"context[ _]?(?:length|size|window)"  # OpenAI, vLLM, SGLang, llama.cpp
    r"|exceed_context|out of context|n_ctx|n_keep|KV (?:size|cache)"  # LM Studio, koboldcpp
    r"|`?inputs`? (?:tokens \+|must have less)"  # TGI
    r"|(?:prompt|input|request|message|conversation|sequence)s? (?:is|are) (?:way |far )?"
    r"(?:too|longer)(?: long| large| big| than)"
    r"|(?:maximum|max\.?|model) (?:prompt|input|sequence|token|model)s?[ _]?(?:length|len|limit)"
    r"|max(?:imum)?[ _](?:model|seq)[ _]len|exceeds? (?:the )?max(?:imum)? length"
    r"|(?:maximum|max\.?) (?:number|amount|count) of (?:input |prompt |context )?tokens"
    r"|token (?:count|limit)[^.]{0,40}?exceed|exceed[^.]{0,40}?token (?:count|limit)"
    r"|(?:tokens|token count|prompt length|input length|length of (?:the )?(?:prompt|input))"
    r"\b[^.]{0,30}?(?:exceed|is over|larger than|greater than|more than)"
    r"|too many (?:input |prompt )?tokens|range of input length|string_above_max_length"
    r"|reduce (?:the|your) (?:length|size) of (?:the|your) (?:messages|prompt|input)"
    r"|reduce your (?:prompt|input)|string too long"
    r"|max_prompt_tokens_exceeded|exceeds? (?:the )?max(?:imum)? (?:allowed|number of|of)? ?tokens"
    r"|supports? (?:at most|up to|a maximum of) \d[\d,]* (?:input |prompt |context )?tokens"
    r"|text is too long"
    r"|上下文|(?:输入|輸入|提示词|消息|请求).{0,6}(?:过长|過長|太长|超)|超(?:出|过).{0,12}(?:长度|token)"
    r"|コンテキスト|入力が長|(?:入力|トークン|プロンプト).{0,12}(?:超え|超過|長すぎ)"
    r"|컨텍스트|(?:입력|토큰|프롬프트).{0,16}(?:초과|깁니다|깁|길어)"
    r"|контекст|(?:запрос|промпт|ввод|токен)\w*.{0,30}(?:превы|слишком длин)|превы\w+.{0,30}токен"
    r"|(?:limite|taille|longueur|fen[eê]tre) (?:de |du )contexte"
    r"|(?:l[ií]mite|tama[ñn]o|longitud|ventana|janela|tamanho) (?:de |del |do |da )contexto"
    r"|kontext(?:fenster|länge|größe|grenze)",
    re.IGNORECASE,
)
_NEEDED = re.compile(
    r"n_prompt_tokens\W+(\d[\d,_]*)"  # llama.cpp
    r"|\((\d[\d,_]*) in the messages"  # OpenAI, vLLM, llama-cpp-python: not the total before it
    r"|(\d[\d,_]*) tokens from the input"  # SGLang
    r"|(?:passed|has) (\d[\d,_]*) input tokens"  # vLLM
    r"|(?:input|request|prompt)(?: length)? \((\d[\d,_]*)(?: tokens)?\)"  # SGLang, llama.cpp
    r"|resulted in (\d[\d,_]*) tokens|you requested (\d[\d,_]*) tokens(?! \()"  # OpenAI
    r"|Given: (\d[\d,_]*)"  # TGI
    r"|Requested tokens \((\d[\d,_]*)\)|\(requested:? (\d[\d,_]*)"  # llama-cpp-python, Moonshot
    r"|token count (?:of |\()?(\d[\d,_]*)|too long: (\d[\d,_]*) tokens"  # Gemini, Anthropic
    r"|n_keep\W+(\d[\d,_]*)|keep the first (\d[\d,_]*) tokens",  # LM Studio
    re.IGNORECASE,
)
_WINDOW = re.compile(
    r"n_ctx\W+(\d[\d,_]*)"
    r"|context (?:length|window) (?:is |of )(?:only )?(\d[\d,_]*)"
    r"|context (?:length|size) \((\d[\d,_]*)|(?:sequence|model) len(?:gth)? \((\d[\d,_]*)"
    r"|tokens allowed \((\d[\d,_]*)|exceeds the limit of (\d[\d,_]*)|token limit: (\d[\d,_]*)"
    r"|should be \[\d+, ?(\d+)\]|> (\d[\d,_]*) maximum"
    r"|must be <= (\d[\d,_]*)|less than (\d[\d,_]*) tokens",
    re.IGNORECASE,
)
_RATE = re.compile(
    r"tokens? per (?:min|minute|hour|day)|requests? per (?:min|minute|hour|day)|\b[TR]P[MD]\b"
    r"|rate.?limit",
    re.IGNORECASE,
)
_LIMIT = re.compile(r"limit:? (\d[\d,_]*)", re.IGNORECASE)
_REQUESTED = re.compile(r"requested:? (\d[\d,_]*)", re.IGNORECASE)
# What is quoted is of the request, and a person may have written it. Apostrophes quote nothing.
_QUOTED = re.compile(
    r"(?<!\w)'[^'\n]*\s[^'\n]*'(?!\w)|(?<!\w)\"[^\"\n]*\s[^\"\n]*\"(?!\w)|(?<!\w)`[^`\n]*\s[^`\n]*`(?!\w)"
    r"|“[^”]*”|‘[^’\n]*\s[^’\n]*’(?!\w)|«[^»]*»"
)
_ECHO_AROUND = 10  # characters to either side, in which a request may be quoted without marks
# What is wrong with the limit of an answer, a bill, or how a request is written, is no long prompt.
_OF_THE_ANSWER = re.compile(
    r"\W*(?:max_tokens|max_completion_tokens|max_new_tokens)"
    r"\W+(?:must|should|can ?not|is|exceeds)\b"
    r"(?!.*\b(?:input|prompt|messages?)\b)",
    re.IGNORECASE | re.DOTALL,
)
_OF_THE_BILL = re.compile(
    r"\b(?:monthly|month|daily|weekly|billing|quota|upgrade|subscription|credits?|balance)\b",
    re.IGNORECASE,
)
_OF_THE_SYNTAX = re.compile(
    r"(?:invalid|bad|illegal|unexpected|unterminated|malformed|unescaped|lone)"
    r"(?: \w+)? (?:characters?|escapes?|tokens? (?:at|in json)|strings?|utf.?8|unicode|surrogates?"
    r"|json|bytes?|end of)\b"
    r"|fail(?:ed|ure)? (?:to|in) pars|could not parse|pars(?:e|ing) error|json ?decode"
    r"|template ?(?:syntax ?)?error",
    re.IGNORECASE,
)


def says_overflow(reason: str, body: str, prompt: Prompt | None) -> bool:
    """Whether an error says that the prompt was too long: by its code, or in its own words."""
    codes = re.findall(r"['\"](?:code|type|error_type)['\"]: ?['\"](\w+)['\"]", body)
    if any(_OVERFLOW.search(code) for code in codes):
        return True
    said = own_words(reason)
    found = _OVERFLOW.search(said)
    if not found or _OF_THE_ANSWER.match(said) or _OF_THE_BILL.search(said):
        return False
    if _OF_THE_SYNTAX.search(said[: found.start()]):
        return False
    return not _is_echo(said, found, prompt)


def own_words(reason: str) -> str:
    """What a server says of itself, without what it quotes."""
    return _QUOTED.sub(" ", reason)


def names_rate(reason: str) -> bool:
    """Whether it is about how much may be asked in a minute or a day."""
    return bool(_RATE.search(reason))


def find_sizes(text: str) -> tuple[int | None, int | None]:
    """(tokens of the prompt, tokens of the window), where an error says them."""
    return _find_number(_NEEDED, text), _find_number(_WINDOW, text)


def find_rate(reason: str) -> tuple[int | None, int | None]:
    """(tokens that a minute may take, tokens that were asked for)."""
    return _find_number(_LIMIT, reason), _find_number(_REQUESTED, reason)


def _is_echo(said: str, found: re.Match[str], prompt: Prompt | None) -> bool:
    """Whether the words stand in the prompt, with what stands before or behind them."""
    before = said[max(0, found.start() - _ECHO_AROUND) : found.end()].lstrip()
    behind = said[found.start() : found.end() + _ECHO_AROUND].rstrip()
    longer = [
        part for part in (before, behind) if len(part) >= len(found.group()) + _ECHO_AROUND - 2
    ]
    texts = [message.text for message in prompt.messages] if prompt else []
    return any(part in text for part in longer for text in texts)


def _find_number(pattern: re.Pattern[str], text: str) -> int | None:
    match = pattern.search(text)
    found = next((number for number in match.groups() if number), None) if match else None
    return int(found.replace(",", "").replace("_", "")) if found else None
