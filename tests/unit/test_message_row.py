"""Rows of messages, and the messages that are made of them."""

from datetime import UTC, datetime

from bot.domain.message_row import MadeWhenRead, MessageRow, in_channel
from bot.domain.model import Author, Channel, Message

CHANNEL = Channel("test", "", "general")
ANA = Author("U1", "ana")
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ROWS = [
    MessageRow(seq, f"m{seq}", ANA, f"line {seq}", NOON, "t", "m1", True, ["U2"], "https://x/1", 7)
    for seq in (4, 2, 9)
]


def test_a_row_says_all_of_its_message() -> None:
    assert ROWS[0].in_channel(CHANNEL) == Message(
        CHANNEL,
        "m4",
        ANA,
        "line 4",
        NOON,
        thread="t",
        reply_to="m1",
        addressed=True,
        mentions=("U2",),
        link="https://x/1",
        seq=4,
        tokens=7,
    )


def test_messages_that_are_made_when_read_are_those_of_the_rows() -> None:
    whole = Message(CHANNEL, "m0", ANA, "quoted", NOON)
    later = MadeWhenRead([whole, *ROWS], CHANNEL)

    assert len(later) == 4
    assert list(later) == [whole, *in_channel(ROWS, CHANNEL)]
    assert later[-1] == ROWS[-1].in_channel(CHANNEL)
    assert later[1:3] == tuple(in_channel(ROWS[:2], CHANNEL))
    assert not MadeWhenRead([], CHANNEL)


def test_messages_that_are_made_when_read_equal_those_that_were_made_before() -> None:
    made = tuple(in_channel(ROWS, CHANNEL))

    assert MadeWhenRead(ROWS, CHANNEL) == made
    assert MadeWhenRead(ROWS, CHANNEL) == MadeWhenRead(made, CHANNEL)
    assert hash(MadeWhenRead(ROWS, CHANNEL)) == hash(made)
    assert MadeWhenRead(ROWS[:2], CHANNEL) != made
