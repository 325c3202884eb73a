"""How staff share work: departments, who has what, who reads what, notes that stay inside, saved views."""
