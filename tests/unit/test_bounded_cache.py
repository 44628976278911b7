"""A bounded cache keeps the newest entries."""

from bot.domain.bounded_cache import BoundedCache


def test_drops_the_oldest_entry_when_it_is_full() -> None:
    cache: BoundedCache[str, int] = BoundedCache(2)

    cache["a"] = 1
    cache["b"] = 2
    cache["c"] = 3

    assert dict(cache) == {"b": 2, "c": 3}


def test_an_entry_that_is_set_again_is_the_newest() -> None:
    cache: BoundedCache[str, int] = BoundedCache(2)

    cache["a"] = 1
    cache["b"] = 2
    cache["a"] = 3
    cache["c"] = 4

    assert dict(cache) == {"a": 3, "c": 4}


def test_works_as_a_dictionary() -> None:
    cache: BoundedCache[str, int] = BoundedCache(2)
    cache["a"] = 1

    assert "a" in cache
    assert cache.get("b", 7) == 7
    assert cache.pop("a") == 1
    assert not cache
