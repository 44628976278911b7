"""Posts that arrive late: a dead replica's last one, or a request whose answer was lost."""

import asyncio
from collections.abc import Collection, Iterable
from typing import Protocol

ARRIVED = 5.0  # seconds after which a request that was cut off has certainly arrived


class TurnPosts(Protocol):
    """What one turn has posted, as the platform shows it."""

    async def find(self) -> Iterable[str]:
        """The platform's ids of the posts that belong to the turn."""
        ...

    async def delete(self, post_id: str) -> None:
        """Delete a post; one that is gone already is no error."""
        ...


async def delete_late_doubles(posts: TurnPosts, kept: Collection[str]) -> list[str]:
    """Wait until every post has arrived, look once more, and delete those that are not kept.

    Returns what was deleted. Raises what `find` and `delete` raise.
    """
    await asyncio.sleep(ARRIVED)
    doubles = [post_id for post_id in await posts.find() if post_id not in kept]
    for post_id in doubles:
        await posts.delete(post_id)
    return doubles
