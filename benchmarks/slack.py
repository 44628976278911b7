"""Slack: from the model's last character to what people see, and what `nellie run` weighs."""

from benchmarks.platform_overhead import ShowDelay, main

# A short answer is posted, a long one streamed: which it is, is clear by then.
DELAY = ShowDelay(seconds=0.5, characters=200, both=False)

if __name__ == "__main__":
    main("slack", DELAY)
