"""Residents, organisations and their accounts: who somebody is, and how that is known."""
