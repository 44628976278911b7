"""The help of `nellie dataset`, and what it advises; as in help_texts, no docstring."""

DATASET = """
    Write rated answers as data to train a model with.

    Each line is a talk as its model saw it (persona, rules, what was said before, what was
    recalled) that ends with the answer to learn. Names are pseudonyms, the same for the same
    person as long as the key is the same; secrets, e-mail addresses and telephone numbers are
    taken out. Of people who have opted out anywhere, or were forgotten, nothing is in it, nor
    of private questions and direct messages. manifest.json counts what was left out, and why.

    An answer that was found bad is corrected by what a person says next in its thread. With
    --pairs, that and the bad answer are a pair, for DPO. The newest tenth is for testing.

    \b
    For example:
      nellie dataset --to data --rated all
      nellie dataset --to data --for axolotl -c '#support' --since 2026-06-01
      nellie dataset --to data --for together --rated all --pairs
"""


def next_step(*, rated: str, cited: bool) -> str:
    """What gives more to learn from, where there was nothing."""
    wider = ["--rated all"] if rated == "good" else []
    wider += [] if cited else ["--cited"]
    take = f", or take more with {' or '.join(wider)}" if wider else ""
    return (
        "rate answers: below each are buttons in Slack and Discord, and thumbs at the page"
        f" (nellie web){take}"
    )
