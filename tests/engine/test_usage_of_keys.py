"""/usage adds a person's calls of the API up, with what was saved, and shows nobody else's."""

from doubles.api_calls import CallingReplica, caller, request
from doubles.start_nellie import Start

from bot.domain.model import Usage
from bot.telemetry import metrics
from bot.testing import ANA, BOB

PRICES = {"prices": ("openai/small=1000/100/2000",)}


async def test_calls_of_ones_keys_are_added_up_with_what_was_saved(start_nellie: Start) -> None:
    nellie = await start_nellie(**PRICES, limit_person_tokens=5_000, limit_team_tokens=90_000)
    replica = CallingReplica.on(nellie.database, **PRICES)
    ana = caller(ANA.id, "team", platform="fake")
    used = Usage("openai/small", 1_000, 200, cached=500, cache_write=100)
    before = dict(metrics.api_tokens.values), dict(metrics.api_saved.values)
    for saved in ("", "", "cache", "coalesced"):
        call = await replica.calls.begin(ana, request())
        await call.end(usage=used, saved=saved)  # type: ignore[arg-type]  # one of three
    failed = await replica.calls.begin(ana, request())
    await failed.end(status=502, error="ModelUnavailable")

    hers = (await nellie.run_command("usage", ANA)).text
    his = (await nellie.run_command("usage", BOB)).text

    assert (
        "  your keys, openai/small: 5 calls, 1 failed, 2,000 tokens in (50% cached, 10% written"
        " to the cache), 400 out, cost 1.9000\n"
        "    2 calls of them took an answer that was there: 2,400 tokens saved" in hers
    )
    assert "Left today of your 5,000 tokens a day: 2,600 tokens" in hers
    assert "Left today of your team's 90,000 tokens a day: 87,600 tokens" in hers
    assert "your keys" not in his
    assert "Left today of your 5,000 tokens a day: 5,000 tokens" in his
    tokens, saved_tokens = before
    labels = ("openai/small", "cache_write")
    assert metrics.api_tokens.values[labels] - tokens.get(labels, 0) == 200
    for how in ("cache", "coalesced"):
        assert metrics.api_saved.values[how,] - saved_tokens.get((how,), 0) == 1_200
