"""Discord: from the model's last character to what people see, and what `nellie run` weighs."""

from benchmarks.platform_overhead import main

if __name__ == "__main__":
    main("discord")
