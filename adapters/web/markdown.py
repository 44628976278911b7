"""Markdown of people and models -> HTML of few elements, written here one by one; pure.

What the parser says is never copied: each kind of token has its element here, and every word is
escaped. So nothing of a text becomes markup but what stands in the tables below.
"""

import re
from collections.abc import Iterator, Sequence
from html import escape
from itertools import chain

from markdown_it import MarkdownIt
from markdown_it.token import Token

from adapters.web.links import web_link
from bot.text.sanitize import clean, show_hidden

LONGEST = 20_000  # characters; some write what takes 20 µs each
CELLS = 20_000  # of a table whose rows are filled up to its widest one
NESTING = 20  # quotes and lists in each other; the parser leaves out what is deeper

_ELEMENTS = {
    "paragraph": "p",
    "heading": "h",
    "blockquote": "blockquote",
    "bullet_list": "ul",
    "ordered_list": "ol",
    "list_item": "li",
    "thead": "thead",
    "tbody": "tbody",
    "tr": "tr",
    "th": "th",
    "td": "td",
    "em": "em",
    "strong": "strong",
    "s": "s",
}
_TABLE = '<div class="wide" tabindex="0" role="region" aria-label="Table"><table>'
_WHOLE = {
    "hr": "<hr>",
    "softbreak": "<br>\n",
    "hardbreak": "<br>\n",
    "table_open": _TABLE,
    "table_close": "</table></div>",
    "link_close": "</a>",
}
_HOLDING = ("blockquote_open", "list_item_open")
_LANGUAGE = re.compile(r"[\w+#.-]{1,30}")
_ADDRESS = re.compile(r"https?://[^\s<>\"'`{}|\\^]+", re.IGNORECASE)
_AFTER = ".,;:!?*_~]"  # ends a sentence, and no address

# No html, and no pictures, which would be fetched: "![x](y)" is read as a link. No definitions of
# links, which would be read and not shown; no headings by a line below them: people draw lines.
_parser = MarkdownIt("commonmark", {"html": False, "breaks": True, "maxNesting": NESTING})
_parser.enable(["table", "strikethrough"])
_parser.disable(["html_block", "html_inline", "image", "reference", "lheading"])
_parser.options["strikethrough_single_tilde"] = True  # as Slack writes it
_parser.validateLink = lambda url: bool(web_link(url))  # type: ignore[method-assign]


def to_html(text: str) -> str:
    """The text as HTML; what is too long or too deep for Markdown is shown as it is."""
    tokens = _parse(text) if len(text) <= LONGEST and _cells(text) <= CELLS else None
    html = as_written(text) if tokens is None else "".join(_write(tokens))
    return show_hidden(clean(html))  # at last: entities may stand for anything


def as_written(text: str) -> str:
    """The text without a reading of its signs."""
    return f'<p class="said">{escape(text)}</p>'


def _cells(text: str) -> int:
    lines = text.splitlines()
    return max((line.count("|") for line in lines), default=0) * len(lines)


def _parse(text: str) -> Sequence[Token] | None:
    """Its tokens, in a row; None where some of it would be left out."""
    tokens = _parser.parse(text)
    if any(token.level == NESTING - 1 and token.type in _HOLDING for token in tokens):
        return None
    return tuple(chain.from_iterable(token.children or (token,) for token in tokens))


def _write(tokens: Sequence[Token]) -> Iterator[str]:
    linked = False
    for number, token in enumerate(tokens):
        if token.type == "text":
            following = tokens[number + 1].type if number + 1 < len(tokens) else ""
            words = token.content
            if following == "link_open":
                words = words.removesuffix("!")  # of a picture
            yield escape(words) if linked else "".join(_link_addresses(words))
        elif token.type == "link_open":
            linked = True
            yield _link(str(token.attrGet("href")))
        else:
            linked = linked and token.type != "link_close"
            yield _element(token)


def _element(token: Token) -> str:
    if token.hidden:
        return "\n"
    if token.type in _WHOLE:
        return _WHOLE[token.type]
    if token.type == "code_inline":
        return f"<code>{escape(token.content)}</code>"
    if token.type in ("fence", "code_block"):
        return _code(token)
    kind, _, end = token.type.rpartition("_")
    if kind not in _ELEMENTS:
        return escape(token.content)
    name = _ELEMENTS[kind]
    if kind == "heading":
        name = f"h{min(6, int(token.tag[1:]) + 2)}"  # below those of the page itself
    if end == "close":
        return f"</{name}>\n" if token.block else f"</{name}>"
    return f"<{name}{_attributes(token)}>"


def _attributes(token: Token) -> str:
    if token.type == "ordered_list_open" and (start := token.attrGet("start")) is not None:
        return f' start="{int(start)}"'
    if token.attrGet("style") == "text-align:right":
        return ' class="number"'
    return ""


def _code(token: Token) -> str:
    found = _LANGUAGE.match(token.info.strip())
    label = f'<span class="language">{escape(found[0])}</span>' if found else ""
    return f"<pre>{label}<code>{escape(token.content)}</code></pre>\n"


def _link_addresses(words: str) -> Iterator[str]:
    """The words, with addresses among them to be followed."""
    done = 0
    for found in _ADDRESS.finditer(words):
        address = found[0].rstrip(_AFTER)
        if "(" not in address:
            address = address.rstrip(_AFTER + ")")
        if not web_link(address):
            continue
        yield escape(words[done : found.start()])
        yield f"{_link(address)}{escape(address)}</a>"
        done = found.start() + len(address)
    yield escape(words[done:])


def _link(address: str) -> str:
    address = escape(web_link(address) or "/")
    return f'<a href="{address}" rel="noopener noreferrer nofollow" target="_blank">'
