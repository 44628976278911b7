"""Memory that was freed, given back to the system where glibc would keep it for later.

glibc gives back the end of its heap, and what answers took for a moment leaves holes below what
stays: after 60,000 messages they were 27 MB of 160.
"""

import ctypes
import sys


def give_back_freed_memory() -> None:
    """Takes milliseconds: the pages of the holes go, what stands between them stays."""
    # Only glibc has it: musl, macOS and Windows keep less.
    if sys.platform == "linux" and (trim := getattr(ctypes.CDLL(None), "malloc_trim", None)):
        trim(0)
