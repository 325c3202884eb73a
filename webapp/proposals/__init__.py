"""Proposals: drafting, submitting, and the one table of what may follow what."""
