"""A house with an embedder: what she is asked is recalled by its meaning."""

from doubles.house import BOB, Open
from doubles.openai import OpenAIDouble


async def test_a_question_is_answered_from_what_shares_no_word_with_it(open_house: Open) -> None:
    async with OpenAIDouble() as double:
        double.meanings = {"automobile": "vehicle"}
        house = await open_house(
            embeddings="openai/double", embeddings_url=double.url, embeddings_timeout=5
        )
        engine = house.engine
        lines = ("the automobile stands in the garage", *(f"lunch {n}" for n in range(20)))
        await house.history(*lines)

        await engine.embed()

        await house.ask(BOB, "who took the vehicle?")
        assert double.embedded[-1] == ["who took the vehicle?"]
        recalled = house.model.prompts[-1].recalled
        assert lines[0] in [message.text for message in recalled]
