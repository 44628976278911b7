"""What a model says in the tests of those that call it."""

from bot.domain.errors import ContextOverflow, ModelOverloaded
from bot.domain.model import Chunk

HELLO = (Chunk("Hel"), Chunk("lo"), Chunk(finish="stop"))
BUSY = ModelOverloaded(model="scripted", reason="busy")
TOO_LONG = ContextOverflow(model="scripted", reason="too long", needed=99, window=50)
