"""What reads an answer: its pieces, its thoughts, its end, what it cost."""
