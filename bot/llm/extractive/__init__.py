"""No language model at all: it quotes what was said, and chooses lines of it."""

from bot.llm.extractive.model import Extractive as Extractive
