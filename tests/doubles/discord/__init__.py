"""A loopback Discord: see doubles.discord.double."""

from doubles.discord.double import Discord
from doubles.discord.faults import Fault
from doubles.discord.guild import Place, Post, User
from doubles.discord.interactions import Interaction

__all__ = ["Discord", "Fault", "Interaction", "Place", "Post", "User"]
