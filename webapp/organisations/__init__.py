"""Organisations: registered by BIN, verified by staff, spoken for by their members."""
