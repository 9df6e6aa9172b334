"""The installed version, as the project file states it."""

from importlib.metadata import version

__version__ = version("fastst")
