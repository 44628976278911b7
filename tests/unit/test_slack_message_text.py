"""What apps and people post in Slack is read as they see it: blocks, rich text, attachments."""

from typing import Any

import pytest

from adapters.slack.message_text import mentions_in, read_text

PEOPLE = {"U1": "ada", "U2": "grace", "UN": "Nellie"}
CHANNELS = {"C1": "general"}


def shown(*blocks: dict[str, Any], **message: Any) -> str:
    return read_text({"text": "", "blocks": list(blocks), **message}, PEOPLE, CHANNELS)


def mrkdwn(text: str) -> dict[str, Any]:
    return {"type": "mrkdwn", "text": text}


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text, "emoji": True}


def section(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "rich_text_section", "elements": list(elements)}


def rich(*parts: dict[str, Any]) -> dict[str, Any]:
    return {"type": "rich_text", "block_id": "x", "elements": list(parts)}


def said(text: str, **style: bool) -> dict[str, Any]:
    return {"type": "text", "text": text, **({"style": style} if style else {})}


BUTTON = {"type": "button", "text": plain("Press me"), "action_id": "a", "value": "secret"}
MENU = {"type": "static_select", "placeholder": plain("Choose"), "options": []}


@pytest.mark.parametrize(
    ("block", "text"),
    [
        ({"type": "section", "text": mrkdwn("*Pump 3* is &lt;dry&gt;")}, "*Pump 3* is <dry>"),
        ({"type": "section", "text": plain("see <@U1> & co")}, "see <@U1> & co"),
        (
            {"type": "section", "fields": [mrkdwn("*Ship*\nAurora"), plain("late")]},
            "*Ship*\nAurora\nlate",
        ),
        ({"type": "section", "text": mrkdwn("ask <@U2>"), "accessory": BUTTON}, "ask @grace"),
        (
            {
                "type": "section",
                "text": mrkdwn("the quay"),
                "accessory": {"type": "image", "image_url": "https://x", "alt_text": "a map"},
            },
            "the quay\n[image: a map]",
        ),
        ({"type": "header", "text": plain("Tides &amp; winds")}, "Tides & winds"),
        (
            {"type": "context", "elements": [mrkdwn("by <@U1>"), {**plain("today")}]},
            "by @ada\ntoday",
        ),
        (
            {"type": "image", "title": plain("Harbour"), "alt_text": "ships at anchor"},
            "[image: Harbour, ships at anchor]",
        ),
        ({"type": "image", "image_url": "https://x", "alt_text": "a cat"}, "[image: a cat]"),
        (
            {
                "type": "video",
                "title": plain("How to moor"),
                "description": plain("Three knots"),
                "author_name": "Harbour school",
                "video_url": "https://x",
                "thumbnail_url": "https://y",
                "alt_text": "a rope",
            },
            "Harbour school\nHow to moor\nThree knots\na rope",
        ),
        ({"type": "markdown", "text": "# Plan\n\n- **one**"}, "# Plan\n\n- **one**"),
        (
            {
                "type": "table",
                "rows": [
                    [{"type": "raw_text", "text": "Ship"}, {"type": "raw_text", "text": "Quay"}],
                    [rich(section(said("Aurora"))), {"type": "raw_text", "text": "7"}],
                ],
            },
            "Ship | Quay\nAurora | 7",
        ),
        (
            {
                "type": "task_card",
                "task_id": "t",
                "title": "Look for the ship",
                "status": "complete",
                "details": rich(section(said("asked the pilot"))),
                "output": rich(section(said("it lies at quay 7"))),
                "sources": [{"type": "url", "url": "https://x.example/log", "text": "the log"}],
            },
            "Look for the ship\nasked the pilot\nit lies at quay 7\nthe log (https://x.example/log)",
        ),
        (
            {
                "type": "plan",
                "title": "Moor the ship",
                "tasks": [{"type": "task_card", "title": "Ropes"}],
            },
            "Moor the ship\nRopes",
        ),
        (
            {
                "type": "input",
                "label": plain("Which quay?"),
                "element": {"type": "plain_text_input", "placeholder": plain("a number")},
                "hint": plain("1 to 9"),
            },
            "Which quay?\n1 to 9",
        ),
        (
            {
                "type": "call",
                "call_id": "R1",
                "call": {"v1": {"name": "Harbour meeting", "join_url": "https://meet.example/1"}},
            },
            "Harbour meeting\nhttps://meet.example/1",
        ),
        (
            {"type": "contact_card", "contact": {"name": "Grace", "email": "grace@x.example"}},
            "Grace\ngrace@x.example",
        ),
        (
            {
                "type": "carousel",
                "elements": [{"type": "card", "title": mrkdwn("One"), "body": mrkdwn("first")}],
            },
            "One\nfirst",
        ),
        ({"type": "something_new", "headline": {"text": "of 2031"}}, "of 2031"),
        ({"type": "actions", "elements": [BUTTON, MENU]}, ""),
        ({"type": "context_actions", "elements": [BUTTON]}, ""),
        ({"type": "divider"}, ""),
        ({"type": "file", "external_id": "x", "source": "remote"}, ""),
    ],
)
def test_a_block_reads_as_people_see_it(block: dict[str, Any], text: str) -> None:
    assert shown(block) == text


@pytest.mark.parametrize(
    ("part", "text"),
    [
        (section(said("plain "), said("bold", bold=True)), "plain *bold*"),
        (section(said("so ", italic=True), said("what", strike=True)), "_so_ ~what~"),
        (section(said("a < b & c", code=True)), "`a < b & c`"),
        (section({"type": "user", "user_id": "U2"}, said(" and <@U1>")), "@grace and <@U1>"),
        (section({"type": "channel", "channel_id": "C1"}), "#general"),
        (section({"type": "usergroup", "usergroup_id": "S1"}), "@S1"),
        (section({"type": "broadcast", "range": "here"}), "@here"),
        (section({"type": "emoji", "name": "wave", "skin_tone": 3}), ":wave::skin-tone-3:"),
        (section({"type": "color", "value": "#00ff00"}), "#00ff00"),
        (section({"type": "team", "team_id": "T9"}), "@T9"),
        (
            section(
                {"type": "date", "timestamp": 1772452800, "format": "{date}", "fallback": "soon"}
            ),
            "soon",
        ),
        (section({"type": "date", "timestamp": 1772452800}), "2026-03-02 12:00 UTC"),
        (
            section({"type": "link", "url": "https://x.example/a|b", "text": "here"}),
            "here (https://x.example/a%7Cb)",
        ),
        (section({"type": "link", "url": "https://x.example"}), "https://x.example"),
        (
            {
                "type": "rich_text_list",
                "style": "ordered",
                "offset": 2,
                "elements": [section(said("third")), section(said("fourth"))],
            },
            "3. third\n4. fourth",
        ),
        (
            {
                "type": "rich_text_list",
                "style": "bullet",
                "indent": 1,
                "elements": [section(said("nested"))],
            },
            "◦ nested",
        ),
        (
            {"type": "rich_text_quote", "elements": [said("one\ntwo")]},
            "> one\n> two",
        ),
        (
            {"type": "rich_text_preformatted", "elements": [said("if a < b:\n    go()")]},
            "```\nif a < b:\n    go()\n```",
        ),
    ],
)
def test_rich_text_reads_as_slack_itself_writes_it(part: dict[str, Any], text: str) -> None:
    assert shown(rich(part)) == text


def test_lists_keep_their_order_and_their_levels() -> None:
    first = {"type": "rich_text_list", "style": "bullet", "elements": [section(said("ropes"))]}
    inner = {**first, "indent": 1, "elements": [section(said("two"))]}

    assert shown(rich(section(said("bring")), first, inner)) == "bring\n• ropes\n    ◦ two"


@pytest.mark.parametrize(
    ("text", "block", "read"),
    [
        ("Pump 3 is dry", rich(section(said("Pump 3 is dry"))), "Pump 3 is dry"),
        ("*Pump 3*", rich(section(said("Pump 3", bold=True))), "*Pump 3*"),
        (
            "see <#C1|general> &amp; go",
            rich(section(said("see "), {"type": "channel", "channel_id": "C1"}, said(" & go"))),
            "see #general & go",
        ),
        ("New alert", {"type": "header", "text": plain("New alert: pump 3")}, "New alert: pump 3"),
        ("for all", {"type": "section", "text": mrkdwn("pump 3")}, "for all\npump 3"),
        (
            "This content can't be displayed.",
            {"type": "section", "text": mrkdwn("pump 3")},
            "pump 3",
        ),
        (
            "This message contains interactive elements.",
            {"type": "header", "text": plain("Deploy?")},
            "Deploy?",
        ),
        ("🎉", rich(section({"type": "emoji", "name": "tada"})), "🎉\n:tada:"),
        ("pump 3", {"type": "actions", "elements": [BUTTON]}, "pump 3"),
    ],
)
def test_a_text_and_its_blocks_are_read_once(text: str, block: dict[str, Any], read: str) -> None:
    assert shown(block, text=text) == read


@pytest.mark.parametrize(
    ("attachment", "text"),
    [
        (
            {"pretext": "Crash in &lt;login&gt;", "author_name": "Tracker", "footer": "v7"},
            "Crash in <login>\nTracker\nv7",
        ),
        (
            {"title": "Issue 9", "title_link": "https://x.example/9", "text": "it *breaks*"},
            "Issue 9 (https://x.example/9)\nit *breaks*",
        ),
        (
            {
                "fields": [
                    {"title": "State", "value": "open"},
                    {"value": "<@U1>"},
                    {"title": "Late"},
                ]
            },
            "State: open\n@ada\nLate",
        ),
        (
            {
                "fallback": "[no preview available]",
                "blocks": [{"type": "header", "text": plain("Deployed")}],
            },
            "Deployed",
        ),
        ({"fallback": "a plain fallback"}, "a plain fallback"),
        ({"fallback": "[no preview available]"}, ""),
        ({"text": "with a button", "actions": [BUTTON], "callback_id": "x"}, "with a button"),
        (
            {
                "is_share": True,
                "author_name": "grace",
                "text": "low tide at <!here>",
                "footer": "Posted in #secret",
                "channel_name": "secret",
                "from_url": "https://x.example",
            },
            "[shared] grace: low tide at @here",
        ),
        (
            {
                "is_msg_unfurl": True,
                "author_name": "grace",
                "from_url": "https://x.example",
                "message_blocks": [{"message": {"blocks": [rich(section(said("high tide")))]}}],
            },
            "[shared] grace: high tide",
        ),
        (
            {"is_share": True, "author_name": "ada", "files": [{"id": "F1", "name": "tides.pdf"}]},
            "[shared] ada: [file: tides.pdf]",
        ),
    ],
)
def test_an_attachment_reads_as_people_see_it(attachment: dict[str, Any], text: str) -> None:
    assert shown(attachments=[attachment]) == text


def test_apps_attachments_and_shared_messages_stand_below_the_text() -> None:
    shared = {"is_share": True, "author_name": "grace", "text": "low tide"}

    assert shown(text="look", attachments=[shared]) == "look\n[shared] grace: low tide"
    assert shown(text="Build 9", attachments=[{"text": "failed"}]) == "Build 9\nfailed"


def test_what_slack_makes_of_a_link_is_not_read_beside_a_text() -> None:
    preview = {"from_url": "https://x.example", "title": "A page", "text": "its first words"}

    assert shown(text="see <https://x.example>", attachments=[preview]) == "see https://x.example"
    assert shown(attachments=[preview]) == "A page\nits first words"


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("<@UN> :tada: we shipped", ":tada: we shipped"),
        ("<@UN>, :tada: we shipped", ":tada: we shipped"),
        ("<@UN>: where is it?", "where is it?"),
        ("<@UN|nellie> , where is it?", "where is it?"),
        ("<@UN> ::1 is localhost", "::1 is localhost"),
        (" <@UN>\n,5 percent", ",5 percent"),
        ("<@UN>:tada:", ":tada:"),
        (":thumbsup: <@UN>", ":thumbsup: @Nellie"),
        (",5 percent", ",5 percent"),
        ("::1 is localhost", "::1 is localhost"),
        ("<@UN>,", "@Nellie,"),
    ],
)
def test_a_call_is_left_out_and_nothing_else(text: str, read: str) -> None:
    assert read_text({"text": text}, PEOPLE, called="UN") == read


def test_a_mention_in_blocks_counts_and_one_in_what_is_shared_does_not() -> None:
    asked = rich(section({"type": "user", "user_id": "UN"}, said(" where?")))

    assert mentions_in({"blocks": [asked]}) == ("UN",)
    assert mentions_in({"blocks": [{"type": "section", "text": mrkdwn("<@UN> hm")}]}) == ("UN",)
    assert mentions_in({"text": "x", "attachments": [{"is_share": True, "text": "<@UN>"}]}) == ()


@pytest.mark.parametrize("markup", ["<#C9>", "<#C9|secret>", "<#C9|>"])
def test_a_channel_whose_name_may_not_be_told_keeps_its_id(markup: str) -> None:
    channel = rich(section({"type": "channel", "channel_id": "C9"}))

    assert read_text({"text": f"in {markup}"}, PEOPLE, CHANNELS) == "in #C9"
    assert shown(channel) == "#C9"


@pytest.mark.parametrize(
    "spoiled",
    [
        {"blocks": "x"},
        {"blocks": [None, 7, [], {"type": 5}, {"type": "section", "text": 3}]},
        {"blocks": [{"type": "rich_text", "elements": {"a": 1}}]},
        {"blocks": [rich({"type": "rich_text_list", "indent": 10**9, "elements": [section(7)]})]},  # type: ignore[arg-type]
        {"blocks": [rich(section({"type": "date", "timestamp": 10**30}))]},
        {"blocks": [{"type": "table", "rows": [None, [None, {"type": "raw_text"}]]}]},
        {"attachments": [None, {"fields": 7, "files": [None], "blocks": 3, "message_blocks": "x"}]},
        {"attachments": {"a": 1}},
    ],
)
def test_what_is_spoiled_says_nothing(spoiled: dict[str, Any]) -> None:
    assert read_text({"text": "still here", **spoiled}).startswith("still here")


def test_blocks_may_be_nested_without_end() -> None:
    block: dict[str, Any] = {"type": "section", "text": mrkdwn("deep")}
    for _ in range(3_000):
        block = {"type": "x", "elements": [block]}

    assert shown(block, text="top") == "top"
