"""Videos in and out: container files, GIFs and image sequences, with everything but the pictures copied."""
