"""Checks that `make check` runs, and the journal's verifier that anybody can run."""
