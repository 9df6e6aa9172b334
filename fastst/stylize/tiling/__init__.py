"""Pictures of any size: repainted in tiles, with the whole picture's statistics and in bounded memory."""
