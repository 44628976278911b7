"""When Python looks for garbage: rarely while it loads, and then only among what came later."""

import gc

USUAL = gc.get_threshold()
LOADING = 400_000  # new objects until a look: more than a start makes, all of which stays


def spare_while_loading() -> None:
    """Looking again and again through what is being loaded took a fifth of a start."""
    gc.set_threshold(LOADING, *USUAL[1:])


def spare_what_is_loaded() -> None:
    """What is loaded by now stays: looking through it took 150 ms of every answer now and then.

    A last look would take as long, and find 2,000 objects in half a million.
    """
    gc.freeze()
    gc.set_threshold(*USUAL)
