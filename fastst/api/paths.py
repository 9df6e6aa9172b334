"""What the API takes for a path."""

import os

StrPath = str | os.PathLike[str]
