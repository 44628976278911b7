"""What Nellie costs and how fast she is: `python -m benchmarks.NAME`; the last line is JSON."""
