"""Pictures of any size: stylized in tiles, with the whole picture's statistics and in bounded memory."""
