"""The ladder: tallies of every rung, when a proposal climbs, and what the passing of a date does."""
