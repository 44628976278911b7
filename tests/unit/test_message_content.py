"""What TGI would take for a picture in people's text, by the rule of its own router."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.images import Image
from bot.domain.model import ChatMessage
from bot.llm.message_content import break_up_pictures, format_content

TGI_RULE = re.compile(r"!\[\]\([^\)]*\)")  # router/src/validation.rs
PICTURE = Image(b"GIF89a", "image/gif", 1, 1)


def read(*texts: str) -> list[str]:
    return [one.text for one in break_up_pictures([ChatMessage("user", text) for text in texts])]


@pytest.mark.parametrize(
    "text",
    [
        "![](http://169.254.169.254/latest/meta-data)",
        "look: ![](https://intra.example/x.png) and ![]()",
        "[![](http://10.0.0.1/badge)](http://10.0.0.1)",
        "!![](\nhttp://10.0.0.1\n)",
        "`![](data:image/png;base64,AAAA)`",
        "![](never closed",
    ],
)
def test_opens_no_picture_and_stays_readable(text: str) -> None:
    (safe,) = read(text)

    assert "![](" not in safe
    assert safe.replace("\u200b", "") == text


@pytest.mark.parametrize(
    "text",
    [
        "![a cat](http://cat.example/cat.png)",
        "! [](http://x.example)",
        "![ ](http://x.example)",
        "![][ref]\n\n[ref]: http://x.example",
        '<img src="http://x.example/x.png">',
        "Hello! [](now) and (then)",
        "![]",
    ],
)
def test_leaves_what_is_no_picture_to_tgi(text: str) -> None:
    assert TGI_RULE.search(text) is None
    assert read(text) == [text]


@pytest.mark.parametrize(
    "texts", [("well!", "[](http://a)"), ("so ![", "](http://a)"), ("![]\n", " (http://a)")]
)
def test_opens_none_between_two_messages(texts: tuple[str, str]) -> None:
    joined = "".join(text.strip() for text in read(*texts))

    assert TGI_RULE.search("".join(map(str.strip, texts)))
    assert TGI_RULE.search(joined) is None


@given(st.lists(st.text(alphabet="![]() \nab:", max_size=9), max_size=5))
def test_no_text_opens_a_picture_however_a_template_joins_them(texts: list[str]) -> None:
    safe = read(*texts)

    for joined in ("".join(safe), "".join(map(str.strip, safe))):
        assert "![](" not in joined


def test_says_a_picture_in_parts_and_a_text_alone_as_a_text() -> None:
    assert format_content(ChatMessage("user", "hi")) == "hi"
    assert format_content(ChatMessage("user", "hi", (PICTURE,))) == [
        {"type": "image_url", "image_url": {"url": "data:image/gif;base64,R0lGODlh"}},
        {"type": "text", "text": "hi"},
    ]


def test_a_picture_stands_behind_what_the_next_prompts_begin_with() -> None:
    message = ChatMessage("user", "what was said\n\nana: look", (PICTURE,), ends=(4, 13))

    assert format_content(message) == [
        {"type": "text", "text": "what was said"},
        {"type": "image_url", "image_url": {"url": "data:image/gif;base64,R0lGODlh"}},
        {"type": "text", "text": "\n\nana: look"},
    ]


def test_what_is_stable_ends_where_it_did() -> None:
    text = "![](a) ![](b)\n![](c) and\nana: ![](d)"
    ends = (13, 24)

    [safe] = break_up_pictures([ChatMessage("user", text, (PICTURE,), ends=ends)])

    parts = [safe.text[: safe.ends[0]], safe.text[: safe.stable]]
    assert [part.replace("\u200b", "") for part in parts] == [text[:end] for end in ends]
    assert [part[-1] for part in parts] == [text[end - 1] for end in ends]
