"""Texts that people might write to harm others: the corpus, and where it must stay text."""
