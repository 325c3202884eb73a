"""Every route, every kind of person, their own city, another one, another region."""
