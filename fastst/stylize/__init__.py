"""Pictures and frames stylized: one style or several in their regions, many files, any size."""
