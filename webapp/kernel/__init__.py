"""What every feature stands on: database, clock, errors, pages, languages. Not one word of the domain."""
