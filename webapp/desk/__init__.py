"""The desk: what waits for whom, one thing at a time, with everything that is needed to decide."""
