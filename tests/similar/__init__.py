"""Finding proposals on the same matter, measured on pairs that people made."""
