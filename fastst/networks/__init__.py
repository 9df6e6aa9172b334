"""Style networks; a new architecture is one file here, imported below so that it registers itself."""

from fastst.networks import brush as brush
from fastst.networks import classic as classic
from fastst.networks import swift as swift
from fastst.networks.registry import all_options, architectures, build

__all__ = ["all_options", "architectures", "build"]
