"""What hangs: strategies that nobody picks up, and those that stay on paper; in public, with their history."""
