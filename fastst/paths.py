"""What is taken for a path."""

import os

StrPath = str | os.PathLike[str]
