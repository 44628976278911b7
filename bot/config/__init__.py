"""What the operator decides, and what is found by entry point."""
