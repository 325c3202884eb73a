"""A country in small: invented people and proposals in every state, the same at every build."""
