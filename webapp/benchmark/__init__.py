"""How fast it is, measured against a bare Flask page and a bare Flask POST on the same database in the same run."""
