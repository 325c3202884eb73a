"""A person's rights over their data: see it all, take it along, choose the name that others see, leave."""
