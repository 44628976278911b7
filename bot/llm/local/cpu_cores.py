"""How many processor cores this process may use: what its container allows counts too."""

import os
from pathlib import Path

_QUOTA = Path("/sys/fs/cgroup/cpu.max")  # "200000 100000": two cores; "max 100000": no limit


def count_cores(quota: Path = _QUOTA) -> int:
    """At least one."""
    if hasattr(os, "sched_getaffinity"):
        cores = len(os.sched_getaffinity(0))
    else:
        cores = os.cpu_count() or 1
    try:
        limit, period = quota.read_text().split()
        allowed = int(limit) // int(period)
    except (OSError, ValueError, ZeroDivisionError):  # no limit, or none that is told so
        allowed = cores
    return max(1, min(cores, allowed))
