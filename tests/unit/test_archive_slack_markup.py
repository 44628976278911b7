"""Slack's markup becomes what a person in Slack sees."""

import pytest

from adapters.slack.markup import mentioned_people, to_plain_text

PEOPLE = {"U1": "Ada"}
CHANNELS = {"C1": "general"}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a &lt;b&gt; &amp; c", "a <b> & c"),
        ("&amp;lt; is how one writes it", "&lt; is how one writes it"),
        ("&lt;@U1&gt; is no mention", "<@U1> is no mention"),
        ("hi <@U1>", "hi @Ada"),
        ("hi <@U1|an old name>", "hi @Ada"),
        ("hi <@U2|Bob>", "hi @Bob"),
        ("hi <@U2>", "hi @U2"),
        ("in <#C1>", "in #general"),
        ("in <#C1|>", "in #general"),
        ("in <#C2|random>", "in #random"),
        ("see <https://x.org/?a=1&amp;b=2>", "see https://x.org/?a=1&b=2"),
        ("see <https://x.org|the site>", "see the site (https://x.org)"),
        ("see <http://x.org|x.org>", "see http://x.org"),
        ("write to <mailto:a@x.org|a@x.org>", "write to a@x.org"),
        ("<!channel> <!here|here>", "@channel @here"),
        ("<!subteam^S1|@admins> <!subteam^S2>", "@admins @S2"),
        ("on <!date^1392734382^{date}|18 February>", "on 18 February"),
        ("on <!date^1392734382^{date}^https://x.org|18 February>", "on 18 February"),
        ("1 < 2, and <so on", "1 < 2, and <so on"),
        ("*bold*\n`<@U1>`", "*bold*\n`@Ada`"),
    ],
)
def test_shows_what_a_person_sees(text: str, shown: str) -> None:
    assert to_plain_text(text, PEOPLE, CHANNELS) == shown


def test_a_name_cannot_bring_markup_of_its_own() -> None:
    assert to_plain_text("<@U1>", {"U1": "<!channel> &lt;"}) == "@<!channel> &lt;"


def test_finds_the_people_mentioned_each_once() -> None:
    assert mentioned_people("<@U2|Bob>, <@U1> and <@U2>, not &lt;@U3&gt; nor <#C1>") == ("U2", "U1")
