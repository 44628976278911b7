"""A process in place of the worker: silent, dead, or without sense, as its first argument says."""

import sys
import time

GARBAGE = {
    "silent": b"",
    "garbage": b"Segmentation fault (core dumped)\n",
    "binary": bytes(range(128, 256)) + b"\n",
    "a list": b"[1, 2]\n",
    "no line": b"x" * 3_000_000,
}


def main(kind: str) -> None:
    """Say it, and nothing else."""
    if kind == "dead":
        sys.exit("ImportError: libllama.so: cannot open shared object file")
    sys.stdout.buffer.write(GARBAGE[kind])
    sys.stdout.flush()
    time.sleep(600)


if __name__ == "__main__":
    main(sys.argv[1])
