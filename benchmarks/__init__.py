"""What Nellie costs and how fast it is: `python -m benchmarks.NAME`; the last line is JSON."""
