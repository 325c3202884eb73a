"""The texts of the interface: an operator's own wording instead of ours, and all texts of a page for an editor."""
