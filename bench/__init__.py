"""Benchmarks: what the product reaches, measured with its real programs. How to run them: bench/README.md."""
