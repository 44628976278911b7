"""The seam between an answer and what goes on with it."""

import random

import pytest

from bot.text.seams import Seam

FORMER = "The steps are:\n1. stop the server\n2. pull the disk out\n3. wait for a minute, then st"


def joined(former: str, rest: str, sizes: list[int] | None = None) -> str:
    """What is given of the rest, when it comes in pieces of these sizes."""
    seam, given, place = Seam(former), "", 0
    for size in sizes or [len(rest)]:
        given += seam.feed(rest[place : place + size])
        place += size
    return given + seam.feed(rest[place:]) + seam.finish()


@pytest.mark.parametrize(
    ("former", "rest", "given"),
    [
        (FORMER, "art it again.", "art it again."),
        (FORMER, "start it again.", "start it again."),
        ("then stop the serv", "server first", "er first"),
        ("what do you look for", "forks and knives", "forks and knives"),
        ("a test is a test", "testing", "testing"),
        (FORMER, "then start it again.", "art it again."),
        (FORMER, "3. wait for a minute, then start it.", "art it."),
        (FORMER, f"{FORMER}art it.", "art it."),
        (FORMER, "...then start it.", "art it."),
        (FORMER, FORMER, ""),
        ("we go to the", "the harbour at noon", " harbour at noon"),
        ("we go to the", "harbour at noon", "harbour at noon"),
        ("we go to the", "… harbour at noon", "harbour at noon"),
        ("we go to the", " harbour", " harbour"),
        ("vitamin", "s are good", "s are good"),
        ("this is a", "and that is b", "and that is b"),
        ("banana", "nas grow", "nas grow"),
        ("| 1 |\n|", "| 2 |", "| 2 |"),
        ("step 1", "10 of them", "10 of them"),
        ("мы идём в гаван", "гавань вечером", "ь вечером"),
        ("我们明天去公", "去公园玩。", "园玩。"),
        ("", "all of it", "all of it"),
        ("well", "", ""),
    ],
)
def test_what_is_said_twice_is_taken_out(former: str, rest: str, given: str) -> None:
    assert joined(former, rest) == given


@pytest.mark.parametrize("seed", range(60))
def test_however_the_rest_is_cut_into_pieces_it_is_the_same(seed: int) -> None:
    chance = random.Random(seed)
    words = ["stop", "the", "server", "disk", "a", "1.", "—", "дом", "公园", "…", "\n", "then"]
    former = " ".join(chance.choices(words, k=chance.randint(1, 30)))[: chance.randint(1, 200)]
    again = former[chance.randint(0, len(former)) :]
    rest = again + " ".join(chance.choices(words, k=8))
    sizes = [chance.randint(1, 5) for _ in range(80)]

    assert joined(former, rest, sizes) == joined(former, rest, [1] * len(rest))


def test_new_text_is_given_as_it_comes() -> None:
    seam = Seam(FORMER)

    assert seam.feed("Next, ") == "Next, "
    assert seam.feed("wait for a minute") == "wait for a minute"
