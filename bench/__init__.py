"""Benchmarks of the real programs. How to run them: bench/README.md."""
