"""What a run of `nellie tune` is asked for."""

import re
from dataclasses import dataclass
from pathlib import Path

from bot.tuning.parts import Part

_NO_FILE_NAME = re.compile(r"[^\w.-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class TuneOptions:
    """The options, as they were given."""

    path: str
    channel: str | None
    parts: tuple[Part, ...]
    model: str | None
    reflection_model: str | None
    budget: int
    seed: int
    limit: int
    at_once: int
    output: Path | None
    force: bool
    sure: bool

    @property
    def file(self) -> Path:
        """Where the texts go."""
        if self.output:
            return self.output
        name = self.channel or Path(self.path).stem
        return Path(f"tuned-{_NO_FILE_NAME.sub('-', name).strip('-.') or 'prompts'}.toml")
