"""Coverage-guided fuzzers: one for every parser of bytes that others send. ``python -m tests.fuzzing`` runs them."""
