"""Doing in another city what worked in one: copies with their lineage, and who learned from whom."""
