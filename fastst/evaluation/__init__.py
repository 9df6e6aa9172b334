"""How good, how fast and how little a style flickers."""
