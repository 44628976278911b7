"""What stands below an answer that asks whether a tool may change something. Pure."""

from collections.abc import Sequence
from typing import Any

from adapters.kit import button_presses
from bot.domain.consents import ConsentQuestion

_ROW = 24  # Slack takes 25 buttons in a block; the two of a question stay together
MAY_I = "May I do what is asked above?"
_BLOCKS = 40  # of a message's 50


def consent_blocks(questions: Sequence[ConsentQuestion]) -> list[dict[str, Any]]:
    """Two buttons for each question; they know its row's id alone."""
    buttons = [
        _button(label, f"consent:{'yes' if allows else 'no'}:{one.id}", one.id)
        for one, labels in button_presses.consent_labels(questions)
        for label, allows in zip(labels, (True, False), strict=True)
    ]
    rows = [buttons[at : at + _ROW] for at in range(0, len(buttons), _ROW)]
    return [{"type": "actions", "elements": row} for row in rows[:_BLOCKS]]


def _button(label: str, action_id: str, consent_id: int) -> dict[str, Any]:
    text = {"type": "plain_text", "text": label}
    return {"type": "button", "action_id": action_id, "text": text, "value": str(consent_id)}
