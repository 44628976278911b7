"""The marks by which models tell thoughts from answers, and those of their templates. Pure.

What each means where it stands is for the reader of an answer (`thoughts`).
"""

import re

_NAMES = "think|thinking|thoughts?|reasoning|seed:think|internal_thoughts?"
_CHANNEL = r"<\|channel\|>{}[^<]{{0,60}}<\|message\|>"
_MARKS = {
    "channel": _CHANNEL.format("(?:analysis|commentary)"),  # the harmony format of gpt-oss
    "final": _CHANNEL.format("final"),
    "opens": rf"<(?:{_NAMES})>|\[think\]|◁think▷|<\|start_thinking\|>|<\|begin_of_thought\|>"
    r"|<unused94>(?:thought)?|<\|channel>thought",
    "closes": rf"</(?:{_NAMES})>|\[/think\]|◁/think▷|<\|end_thinking\|>"
    r"|<\|end_of_thought\|>|<unused95>|<channel\|>",
    # What may stand before an answer, and what stands before the next turn, which is made up.
    "begins": r"<\|(?:start|im_start)\|>(?:assistant)?\n?|<start_of_turn>(?:model)?\n?"
    r"|<\|start_header_id\|>(?:assistant)?|<\|end_header_id\|>|<\|assistant\|>"
    r"|<\|begin_of_text\|>|<\|start_response\|>|<\|begin_of_solution\|>|<bos>"
    r"|<\|start_of_turn_token\|>|<\|chatbot_token\|>|<｜Assistant｜>|\[gMASK\](?:<sop>)?",
    "ends": r"<\|(?:im_end|eot_id|eom_id|eot|end_of_text|endoftext|end|return|call|user|system"
    r"|end_response|end_of_solution|end_of_turn_token)\|>|</s>|<end_of_turn>|<eos>|<turn\|>"
    r"|<｜end▁of▁sentence｜>|<｜User｜>|\[/?INST\]",
    "ticks": r"`+|~{3,}",
    "newline": r"\n",
}
MARK = re.compile("|".join(f"(?P<{kind}>{it})" for kind, it in _MARKS.items()), re.IGNORECASE)
# The end of a text that may be the beginning of a mark, or of a longer one.
MAYBE_MARK = re.compile(
    r"(?:<\|channel\|>[^<]{0,60}(?:<[a-z|]{0,9})?"
    r"|(?:<\|(?:start|im_start|start_header_id)\|>|<start_of_turn>|<unused94>)[a-z]{0,9}\n?"
    r"|\[gMASK\](?:<[a-z]{0,4})?|[<\[◁][^<>\[\]◁▷\n]{0,40}|`+|~+)\Z",
    re.IGNORECASE,
)
# Thoughts without a mark: Granite's words, and gpt-oss where a server drops its special tokens.
SPOKEN_OPENS = re.compile(
    r"\s*(?:here(?: is|'s) my thought process:|analysis(?=[A-Z\"'*]))", re.IGNORECASE
)
SPOKEN_CLOSES = re.compile(r"here(?: is|'s) my response:|assistantfinal", re.IGNORECASE)
LONGEST_SPOKEN = 28  # characters


def opening_mark(text: str) -> str:
    """The mark by which a prompt that ends so has opened the model's thoughts; else nothing."""
    marks = [mark for mark in MARK.finditer(text) if mark.lastgroup != "newline"]
    last = marks[-1] if marks else None
    opens = last and last.lastgroup in ("opens", "channel") and not text[last.end() :].strip()
    return last.group() if last and opens else ""
