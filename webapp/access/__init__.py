"""Who may do what: one table of named predicates that answer with the reason of a refusal."""
