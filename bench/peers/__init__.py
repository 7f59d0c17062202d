"""Other engines doing the same work. Each script: `enqueue COUNT` or `work`; BENCH_STORE and BENCH_SINK say where."""
