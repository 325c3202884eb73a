"""Proposals that were made on another platform, taken over with their texts and where they stood."""
