"""What looks like one hand behind many accounts: shown to the operator, set aside for checking, given back."""
