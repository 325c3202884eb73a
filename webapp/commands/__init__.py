"""Commands of the operator, by subject."""
