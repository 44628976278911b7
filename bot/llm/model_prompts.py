"""A prompt as one model is given it: with how it is to generate, in general and here. Pure."""

from collections.abc import Mapping
from dataclasses import replace

from bot.domain.generation import Generation, merge
from bot.domain.model import Prompt
from bot.prompting.template_marks import break_up_marks


def prompt_for(model: str, prompt: Prompt, generations: Mapping[str, Generation]) -> Prompt:
    """For an answer: what the channel says goes before what is said of the model, or of all."""
    if prompt.purpose != "answer":
        return prompt
    general = generations.get("", {}), generations.get(model.casefold(), {})
    wanted = merge(*general, prompt.generation)
    longest = min(prompt.max_output, wanted.pop("max_answer", prompt.max_output))
    if not (extra := wanted.pop("system", "")):
        return replace(prompt, generation=wanted, max_output=longest)
    first, *others = prompt.messages
    told = replace(first, text=f"{first.text}\n{break_up_marks(extra)}")
    return replace(prompt, generation=wanted, max_output=longest, messages=(told, *others))
