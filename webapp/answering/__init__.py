"""The duty to answer: an officer's decision with reasons, and the author's appeal against a refusal."""
