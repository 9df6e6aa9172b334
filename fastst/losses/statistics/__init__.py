"""Style statistics, one file each: what of a painting's features makes its style."""
