"""Style networks; a new architecture is one file here, named in ``registry``."""

from fastst.networks.registry import all_options, architectures, build

__all__ = ["all_options", "architectures", "build"]
