"""A question with a screenshot in Slack: what the model is shown, and what is told."""

from doubles.nellie_on_slack import NellieOnSlack
from doubles.pictures import png


async def test_the_smaller_version_of_a_screenshot_reaches_the_model_byte_for_byte(
    nellie: NellieOnSlack,
) -> None:
    shot = png(7, padding=200_000)

    [answer] = await nellie.ask("@nellie what is wrong?", files=[("it.png", shot)])

    [image] = nellie.model.prompts[-1].messages[-1].images
    [smaller] = nellie.slack.downloads
    assert (image.data, image.name) == (shot + f" at {smaller}".encode(), "it.png")
    assert "I have not seen" not in answer


async def test_without_the_right_to_read_files_it_is_told_which_is_missing(
    nellie: NellieOnSlack,
) -> None:
    nellie.slack.scopes.discard("files:read")

    [answer] = await nellie.ask("@nellie what is wrong?", files=[("it.png", png())])

    assert nellie.model.prompts[-1].messages[-1].images == ()
    assert "I have not seen `it.png`: " in answer
    assert "files:read" in answer
