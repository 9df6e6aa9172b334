"""Engines: one network, several runtimes, behind one small interface."""

from fastst.engines.auto import choose_engine, difference
from fastst.engines.base import Engine
from fastst.engines.registry import AUTO, build_engine, engine_kind, engine_names, engines_here

__all__ = [
    "AUTO",
    "Engine",
    "build_engine",
    "choose_engine",
    "difference",
    "engine_kind",
    "engine_names",
    "engines_here",
]
