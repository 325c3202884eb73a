"""A feature that only the tests know: a page and a job, named in `wiring.py` as any other feature names its own."""
