"""What business offers for a proposal, a programme or a measure: partnership, money, things, a pilot."""
