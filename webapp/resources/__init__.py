"""Money for programmes and measures: planned, committed and spent, by source, and what a region promises a city."""
