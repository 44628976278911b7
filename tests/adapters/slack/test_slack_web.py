"""/nellie web: a link to the page, for its person alone."""

import re

import pytest
from doubles.nellie_on_slack import StartNellie


@pytest.mark.parametrize("place", ["C1", "direct"])
async def test_a_link_is_shown_to_its_person_alone_and_remembered_nowhere(
    start_nellie: StartNellie, place: str
) -> None:
    nellie = await start_nellie(web="8082", web_url="https://nellie.example.org")
    slack = nellie.slack
    where = slack.direct("U2").id if place == "direct" else place
    before = len(slack.visible(where))

    slack.command("U2", where, "web")
    await slack.until(lambda: slack.private("U2"))

    [shown] = slack.private("U2")
    [secret] = re.findall(r"https://nellie\.example\.org/sign-in/(\w{43})", shown)
    offered = await nellie.parts.stores.page_sessions.find_link(secret)
    assert offered
    assert offered.platform == "slack"
    assert len(slack.visible(where)) == before
    assert secret not in "".join(await nellie.remembered())
