"""What a replica weighs before its first question, by the models that it has.

Each figure is a process of its own that has loaded everything but the platforms' connections.
"""

import json
import os
import subprocess
import sys

MODELS = {
    "none": "extractive",
    "tgi": "tgi",
    "openai": "openai/any",
    "a provider": "ollama/any",
    "openai and tgi": "openai/any,tgi",
}
SETTINGS = {"NELLIE_TGI_URL": "http://127.0.0.1:1", "OPENAI_API_KEY": "none", "NELLIE_MODELS": ""}

LOAD = """
import bot.__main__, bot.bootstrap
from adapters.discord.adapter import DiscordAdapter
from adapters.slack.adapter import SlackAdapter
from bot.config.settings import load
from bot.llm.registry import ModelRegistry
models = ModelRegistry(load())
models.check()
with open("/proc/self/status") as status:
    print(next(line for line in status if line.startswith("VmRSS:")).split()[1])
"""


def weigh(model: str) -> float:
    """Megabytes of a process with this model."""
    done = subprocess.run(  # noqa: S603  # our own text, by our own Python
        [sys.executable, "-c", LOAD],
        env=os.environ | SETTINGS | {"NELLIE_MODEL": model},
        capture_output=True,
        text=True,
        check=True,
    )
    return round(int(done.stdout) / 1024, 1)


if __name__ == "__main__":
    print(json.dumps({name: weigh(model) for name, model in MODELS.items()}))
