"""The pages on which roles are given and ended, by operators and by staff of a higher rung."""
