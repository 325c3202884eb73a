"""Reports about what is published, hiding with a reason in public, and the author's appeal against it."""
