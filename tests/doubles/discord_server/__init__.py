"""A loopback Discord: see doubles.discord_server.server."""

from doubles.discord_server.faults import Fault
from doubles.discord_server.guild import Channel, Post, User
from doubles.discord_server.interaction import Interaction
from doubles.discord_server.server import Discord

__all__ = ["Channel", "Discord", "Fault", "Interaction", "Post", "User"]
