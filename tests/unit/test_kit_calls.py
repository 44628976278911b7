"""The mention with which a message calls Nellie, taken off its beginning."""

import pytest

from adapters.kit.calls import without_call


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("@n where is it?", "where is it?"),
        ("@n, where is it?", "where is it?"),
        ("@n : where is it?", "where is it?"),
        ("@n：これは何？", "これは何？"),
        ("@n，在哪里？", "在哪里？"),
        ("@n، أين هو؟", "أين هو؟"),
        ("@n :tada: we shipped", ":tada: we shipped"),
        ("@n ::1 is localhost", "::1 is localhost"),
        ("where is @n?", "where is @n?"),
        ("@n", "@n"),
    ],
)
def test_takes_off_the_call_and_no_more(text: str, rest: str) -> None:
    assert without_call(text, "@n") == rest
