"""Joining duplicate proposals, parting them again, and one regional matter out of proposals of several places."""
