"""What TGI is asked for: our settings, formats and adapters in the names of its own protocol."""

from typing import Any

from pydantic import field_validator
from text_generation.types import Parameters  # type: ignore[import-untyped]  # it ships no types

from bot.domain.generation import Generation
from bot.domain.model import Prompt
from bot.llm.openai.response_formats import grammar_of


class TGIParameters(Parameters):  # type: ignore[misc]  # the same
    """The client's parameters, with what TGI has learned since its last release."""

    adapter_id: str | None = None
    """The LoRA adapter; a name that the server does not know means its base model."""

    @field_validator("frequency_penalty")
    def valid_frequency_penalty(cls, value: float | None) -> float | None:
        """From -2 to 2; the client knows only positive ones."""
        return value


def build_parameters(
    prompt: Prompt, *, max_new_tokens: int, adapter: str, most_stops: int, grammar: bool
) -> dict[str, Any]:
    """The `parameters` of a request; what is not set is not there."""
    wanted = prompt.response_format
    parameters = TGIParameters(
        details=True,
        max_new_tokens=max_new_tokens,
        adapter_id=adapter or None,
        grammar=grammar_of(wanted) if wanted and grammar else None,
        **_sampling(prompt.generation, most_stops),
    )
    written: dict[str, Any] = parameters.model_dump(mode="json", exclude_none=True)
    return written


def _sampling(generation: Generation, most_stops: int) -> dict[str, Any]:
    """Where nothing is set, it samples as the model's authors meant."""
    greedy = generation.get("temperature") == 0
    top_p = generation.get("top_p")
    named = {
        "do_sample": not greedy,
        "temperature": None if greedy else generation.get("temperature"),
        "top_p": top_p if top_p and top_p < 1 else None,  # 1 is what it refuses
        "seed": generation.get("seed"),
        "stop": (generation.get("stop") or [])[:most_stops],
        "frequency_penalty": generation.get("frequency_penalty"),
    }
    return {name: value for name, value in named.items() if value is not None}
