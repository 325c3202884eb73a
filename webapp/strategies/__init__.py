"""What the nation wants, what a region makes of it, what a city undertakes: directions, programmes, measures."""
