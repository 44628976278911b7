"""Late doubles are deleted once every post has arrived."""

import pytest

from adapters.kit import late_duplicates
from adapters.kit.late_duplicates import delete_late_doubles


class Posts:
    """A platform on which these posts of a turn can be found."""

    def __init__(self, *found: str) -> None:
        self.found = list(found)
        self.deleted: list[str] = []

    async def find(self) -> list[str]:
        return self.found

    async def delete(self, post_id: str) -> None:
        self.deleted.append(post_id)


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(late_duplicates, "ARRIVED", 0.0)


async def test_deletes_what_is_not_kept_and_says_what() -> None:
    posts = Posts("1", "2", "3")

    deleted = await delete_late_doubles(posts, {"1", "3"})

    assert deleted == posts.deleted == ["2"]


async def test_deletes_nothing_where_there_is_no_double() -> None:
    posts = Posts("1")

    assert await delete_late_doubles(posts, ["1"]) == []
    assert posts.deleted == []
