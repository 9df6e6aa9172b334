"""The command line: one file a command, each thin over the Python API."""

from fastst.cli.main import main

__all__ = ["main"]
