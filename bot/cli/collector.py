"""When Python looks for garbage: rarely while it loads, and then only among what came later."""

import gc
import sys

USUAL = gc.get_threshold()
LOADING = 100_000  # new objects until a look: what is loaded stays, each look at it is in vain


def spare_while_loading() -> None:
    """Looking again and again through what is being loaded took a fifth of a start."""
    gc.set_threshold(LOADING, *USUAL[1:])


def spare_what_is_loaded() -> None:
    """What is loaded by now stays: looking through it took 150 ms of every answer now and then.

    A last look would take as long, and find 2,000 objects in half a million. What only
    loading needs goes: which files lie in 190 folders is 0.7 MB, and looked up again when needed.
    """
    sys.path_importer_cache.clear()
    gc.freeze()
    gc.set_threshold(*USUAL)
