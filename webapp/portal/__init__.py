"""A window: home, list, the page of a proposal and of a territory. Reads everything, imported by nobody."""
