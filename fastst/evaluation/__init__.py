"""How good, how fast and how steady a style is."""
