"""The vertical line in public: directions, programmes and measures with what came from above and from below."""
