"""With an embedder, a question is recalled by its meaning."""

from doubles.openai_server import OpenAIServer
from doubles.start_nellie import Start

from bot.testing import BOB


async def test_a_question_is_answered_from_what_shares_no_word_with_it(start_nellie: Start) -> None:
    async with OpenAIServer() as double:
        double.synonyms = {"automobile": "vehicle"}
        nellie = await start_nellie(
            embeddings="openai/double", embeddings_url=double.url, embeddings_timeout=5
        )
        engine = nellie.parts
        lines = ("the automobile stands in the garage", *(f"lunch {n}" for n in range(20)))
        await nellie.add_history(*lines)

        await engine.jobs.embed()

        await nellie.ask(BOB, "who took the vehicle?")
        assert double.embedded_texts[-1] == ["who took the vehicle?"]
        recalled = nellie.model.prompts[-1].recalled
        assert lines[0] in [message.text for message in recalled]
