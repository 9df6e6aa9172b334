"""Pictures and frames repainted: one style or several in their regions, many files, any size."""
