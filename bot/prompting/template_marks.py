"""The control tokens of chat templates: people's text may name them, and must not be one; pure.

A server would turn such text into the token itself, and what follows would speak as somebody else.
In a prompt each is broken up by a zero-width space behind its first character, and so are marks of
our own by which an answer cites (bot.text.citations); what is stored stays as it was said.
"""

import re

from bot.text.citations import break_up_citations

_PARTS = (  # of a conversation
    r"im|turn|user|human|assistant|bot|model|system|sys|tool|message|msg|header|role|text|sentence|document"
    r"|context|instruction|inst|prompt|query|response|answer|image|img|video|audio|vision|speech|code|think"
    r"|thought|thinking|reasoning|channel|tool_calls?|tool_results?|tool_responses?"
    r"|function|function_calls?|function_declaration|function_response"
)
_TAGS = (
    # Llama 2, Mistral, Gemma, GLM, T5, Baichuan, Nemotron: the edges of texts, and what is numbered
    r"s|(?:bos|eos|sos|pad|unk|mask|cls|sep|sop|eop|eod|eot|bom|eom)(?:_(?:id|token))?",
    # Gemma, MiniMax, ERNIE, LLaVA, InternVL: turns, and what stands in the place of a picture
    r"image|video|audio|img|img_context|quad|ref|box|eoh|eoa|eosys|fake_token_around_\w+",
    # Qwen, Hermes, GLM, DeepSeek, MiniMax, Seed, Granite, Jamba, Cohere, Nemotron: thoughts, tools
    r"think(?:ing)?(?:_\w+)?|thought|reasoning|answer|scratch_?pad|tools|tool_(?:calls?|responses?)"
    r"|tool_(?:results?|outputs?|sep|code|list|declare|use|def|spec)|toolcalls?|available_tools"
    r"|arg_key|arg_value|function_(?:calls?|results?)"
    r"|function=[\w.-]+|parameter=[\w.-]+|invoke|(?:minimax|seed):\w+|co: ?[\d, ]+"
    # LongCat, Hunyuan, K2, Gemini, Gemma's functions, and what agents write of themselves
    r"|longcat_\w+|hy_[\w▁]+|ifm[|｜]/?\w+|ctrl\d+|escape|2mass|0x[0-9a-f]{2}|mask_\d+"
    r"|system[_-](?:reminder|prompt|message|instructions?)",
    # StarCoder, Granite, SmolLM: code
    r"fim_(?:prefix|middle|suffix|pad)|file_sep|filename|reponame|repo_name|gh_stars|empty_output"
    r"|jupyter_(?:start|text|code|output|script)|issue_(?:start|comment|closed)"
    r"|commit_(?:before|msg|message|after)|intermediate_to_\w+|pr(?:_(?:status|is_merged|base|file"
    r"|base_code|diff|diff_hunk|diff_hunk_comment_line|comment|event_id|review|review_state"
    r"|review_comment|in_reply_to_review_id|in_reply_to_comment_id))?",
    # of templates to come, by the shapes that these have: edges, numbers, what stands for a picture
    r"(?:start|end|begin|beginning|stop)[_-]of[_-][\w-]+"
    rf"|(?:{_PARTS})[_-](?:start|end|begin|stop|sep|turn)"
    rf"|(?:start|end|begin|stop)[_-](?:{_PARTS})"
    r"|(?:unused|reserved|special|extra|control|custom|dummy|token|placeholder|added|sentinel)"
    r"(?:[_-]?(?:special|token|id|reserved))*[_-]?\d+"
    r"|(?:image|img|video|audio|speech|vision)[_-](?:pad|patch|break|newline|placeholder|(?:\w+_)?token)"
    r"|(?:image|img|video|audio|loc|seg)[_-]?\d{1,4}",
)
_IN_BRACKETS = (
    # Mistral, Pixtral, Magistral
    r"INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS|TOOL_CONTENT|MODEL_SETTINGS|ARGS"
    r"|CALL_ID|THINK|IMG|IMG_BREAK|IMG_END|AUDIO|BEGIN_AUDIO|TRANSCRIBE|PREFIX|MIDDLE|SUFFIX"
    r"|CONTROL_\d+|REFERENCE_DOC_\d+",
    # GLM, InternLM, Kimi, Gemma, and the tokens of BERT
    r"gMASK|sMASK|MASK|UNUSED_TOKEN_\d+|BOS|EOS|PAD|UNK|CLS|SEP|EOT|EOD|start_header_id"
    r"|end_header_id|extra_id_\d+|multimodal|@BOS@",
    # of templates to come
    r"(?:START|BEGIN|END|STOP)_OF_[A-Z_]+|(?:UNUSED|RESERVED|SPECIAL|EXTRA|CONTROL)[A-Z_]*_?\d+"
    rf"|(?:{_PARTS.upper()})_(?:START|END|BEGIN|STOP|PROMPT|CALLS?|RESULTS?)",
)
_ELSEWHERE = (
    r"<</?SYS>>|(?-i:<</?[A-Z]{4,}(?:_[A-Z]+)*>>)",
    r"\[\|/?\w+\|\]",  # EXAONE
    r"◁/?\w+▷",  # Kimi
    r"\]~!?b[\[\]]|\[e~\[|\]![pd]~\[|\]<\]|\[>\[",  # MiniMax
    r">>(?:title|abstract|introduction|summary|comment|answer|question|domain|prefix|suffix|middle)<<",
    r"</?role>(?=\s*(?:system|human|user|assistant|observation)\b)",  # Ling
    r"^#{2,3} ?(?=(?:instruction|response|input|system|user|assistant|human)s?:)",  # Alpaca
)
_MARK = re.compile(
    r"[<＜]/?[|｜](?=\S)|(?<=\S)[|｜][>＞]"  # ChatML, Llama 3 and 4, Phi, DeepSeek, gpt-oss, others
    rf"|[<＜]/?(?:{'|'.join(_TAGS)})/?[>＞]|</(?:function|parameter|invoke)>"
    rf"|(?-i:[\[［]/?(?:{'|'.join(_IN_BRACKETS)})[\]］])|\[/?(?:INST|SYSTEM_PROMPT)\]"
    rf"|{'|'.join(_ELSEWHERE)}",
    re.IGNORECASE | re.MULTILINE,
)
_PART = re.compile(r"[<＜>＞\[［\]|｜◁#]")  # every mark holds one of these; few texts do


def break_up_marks(text: str) -> str:
    """The text, with a zero-width space in whatever would be taken as a mark."""
    return break_up_citations(break_up_tokens(text))


def break_up_tokens(text: str) -> str:
    """The same of an answer of hers, in which marks that cite stay what they are."""
    return _MARK.sub(_break_up, text) if _PART.search(text) else text


def _break_up(mark: re.Match[str]) -> str:
    text = mark.group()
    return f"{text[0]}\u200b{text[1:]}"
