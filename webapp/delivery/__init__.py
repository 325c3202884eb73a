"""From an acceptance to a result: milestones with dates, and what happens when one is missed."""
