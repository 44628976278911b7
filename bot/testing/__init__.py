"""The test kit: what Nellie's own tests use, for the authors of adapters, models and commands.

async with running_nellie(model=ScriptedModel(says("In the cupboard."))) as nellie:
    assert await nellie.ask(ANA, "Where is the key?") == "In the cupboard."
"""

from bot.testing.adapter_contract import ADAPTER_CONTRACT, AdapterCheck, PlatformUnderTest
from bot.testing.fake_platform import FakePlatform
from bot.testing.fake_ports import FakeCommands, FakeDeliveryLog, FakeInbox, FakeTurnControl
from bot.testing.model_contract import MODEL_CONTRACT, ModelCheck, question_prompt
from bot.testing.model_output import ModelOutput, collect, prompt_of
from bot.testing.running_nellie import (
    ANA,
    BOB,
    CARL,
    GENERAL,
    RunningNellie,
    new_message,
    running_nellie,
)
from bot.testing.scripted_model import (
    Script,
    ScriptedModel,
    SteppedModel,
    Steps,
    breaks,
    calls,
    echoes,
    repeats_prompt,
    says,
    stalls,
    summarizes,
    waits,
)

__all__ = [
    "ADAPTER_CONTRACT",
    "ANA",
    "BOB",
    "CARL",
    "GENERAL",
    "MODEL_CONTRACT",
    "AdapterCheck",
    "FakeCommands",
    "FakeDeliveryLog",
    "FakeInbox",
    "FakePlatform",
    "FakeTurnControl",
    "ModelCheck",
    "ModelOutput",
    "PlatformUnderTest",
    "RunningNellie",
    "Script",
    "ScriptedModel",
    "SteppedModel",
    "Steps",
    "breaks",
    "calls",
    "collect",
    "echoes",
    "new_message",
    "prompt_of",
    "question_prompt",
    "repeats_prompt",
    "running_nellie",
    "says",
    "stalls",
    "summarizes",
    "waits",
]
