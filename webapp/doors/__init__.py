"""The doors between a visitor and a verified resident. Whatever was begun outside completes itself inside."""
