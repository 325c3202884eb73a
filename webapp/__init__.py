"""Saty: proposals that climb from a city to the nation."""
