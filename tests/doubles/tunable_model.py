"""A model whose best prompt is known: what it answers well, its rules must ask of it.

Asked for a better text, it reads what was wrong and says it; asked for the same text in other
words, it has none of that to go by.
"""

from dataclasses import replace
from typing import Any

from aiohttp import web
from doubles.canned_responses import CannedResponse, ReceivedRequest
from doubles.openai_server import OpenAIServer

from bot.domain.model import Prompt, Usage
from bot.tuning.asking import Said

NAME_IT = "Always begin with who said it."
BE_HONEST = "Where nobody said it, answer that you do not know."
THINGS = ("red", "blue", "green", "white", "black")


def context() -> list[dict[str, str]]:
    """Who said what of five crates."""
    return [{"author": "Zoltan", "text": f"the {one} crate weighs {n} kg"} for n, one in said()]


def said() -> list[tuple[int, str]]:
    return [(41 + number, thing) for number, thing in enumerate(THINGS)]


def lines(count: int = 30) -> list[dict[str, Any]]:
    """Questions, every third of which nobody can answer."""
    found: list[dict[str, Any]] = [{"context": context()}]
    for number in range(count):
        weight, thing = said()[number % len(THINGS)]
        if number % 3:
            found.append(
                {
                    "id": f"q{number}",
                    "prompt": f"Question {number}: how heavy is the {thing} crate?",
                    "expected": [str(weight)],
                }
            )
        else:
            found.append(
                {
                    "id": f"q{number}",
                    "prompt": f"Question {number}: who painted the {thing} crate?",
                    "expected": ["do not know", "not known"],
                }
            )
    return found


def reply(system: str, last: str) -> str:
    """What it answers to a prompt with this system text and this last message."""
    if "Are you well?" in last:
        return "Yes."
    if "Write a better text" in last:
        return f"```\n{_better(last)}\n```"
    if "Write the same in other words" in last:
        return f"```\n{_current(last)} Please. {'Indeed. ' * (len(last) % 7)}\n```"
    asked = last.rpartition("Question")[2]
    weight = next((str(n) for n, one in said() if f"the {one} crate" in asked), "")
    if "painted" in asked:
        return "I do not know." if BE_HONEST in system else "Somebody painted it on Tuesday."
    return f"Zoltan said: {weight} kg." if NAME_IT in system else f"It weighs {weight} kg."


def _better(last: str) -> str:
    text = _current(last)
    if "does not name who said" in last and NAME_IT not in text:
        text += f" {NAME_IT}"
    if "should have said that it does not know" in last and BE_HONEST not in text:
        text += f" {BE_HONEST}"
    return text


def _current(last: str) -> str:
    return last.split("```\n")[1].strip()


async def ask(prompt: Prompt) -> Said:
    """The same without a server."""
    system = next((one.text for one in prompt.messages if one.role == "system"), "")
    text = reply(system, prompt.messages[-1].text)
    return Said(text, (Usage("known", prompt.tokens, len(text) // 4, 0),))


class TunableServer(OpenAIServer):
    """Serves it."""

    async def _stream(
        self, request: web.Request, received: ReceivedRequest, canned: CannedResponse
    ) -> web.StreamResponse:
        messages = received.body["messages"]
        system = next((one["content"] for one in messages if one["role"] == "system"), "")
        text = reply(_text(system), _text(messages[-1]["content"]))
        if canned.ending == "done" and canned.status == 200:
            canned = replace(canned, text=text)
        return await super()._stream(request, received, canned)


def _text(content: Any) -> str:
    if isinstance(content, str):
        return content
    return "".join(one.get("text", "") for one in content)
