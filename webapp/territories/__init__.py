"""Nation, regions, cities, districts: one tree, the bodies that act in it, and how official codes become it."""
