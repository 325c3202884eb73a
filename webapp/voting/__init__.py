"""One person, one vote; one organisation, one vote; counted once, whatever happens."""
