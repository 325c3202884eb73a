"""Reads the journal and tells people what concerns them, through the outbox, in their language."""
