"""Discord: from the model's last character to people's eyes, and what `nellie run` weighs."""

from benchmarks.eyes import Patience, main

# An answer that may yet end at once, so that it needs no edit, or is short, is not shown before.
WAIT = Patience(seconds=0.25, characters=40, both=True)

if __name__ == "__main__":
    main("discord", WAIT)
