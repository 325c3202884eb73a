"""One append-only table of facts: the public timeline, the audit log, the source of notices and of open data."""
