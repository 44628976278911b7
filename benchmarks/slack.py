"""Slack: from the model's last character to people's eyes, and what `nellie run` weighs."""

from benchmarks.eyes import Patience, main

# A short answer is posted, a long one streamed: which it is, is clear by then.
WAIT = Patience(seconds=0.5, characters=200, both=False)

if __name__ == "__main__":
    main("slack", WAIT)
