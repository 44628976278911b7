"""Discord: from the model's last character to what people see, and what `nellie run` weighs."""

from benchmarks.platform_overhead import ShowDelay, main

# An answer that may yet end at once, so that it needs no edit, or is short, is not shown before.
DELAY = ShowDelay(seconds=0.25, characters=40, both=True)

if __name__ == "__main__":
    main("discord", DELAY)
