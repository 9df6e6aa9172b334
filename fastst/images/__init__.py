"""Pictures: files read and written, their masks, metadata and colors."""
