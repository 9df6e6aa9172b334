"""Which networks descend from one: those can be mixed."""

from collections.abc import Callable

from fastst.networks.header import Metadata

# What a training that starts from random weights records as its start.
FROM_NOTHING = "nothing"

# The header of a style by the name that a training records as its start; None where nobody knows it.
HeaderOf = Callable[[str], Metadata | None]


def family(metadata: Metadata, header_of: HeaderOf) -> tuple[object, ...]:
    """Return what networks that can be mixed have in common: how they are built, and their lineage."""
    return metadata.architecture, sorted(metadata.options.items()), lineage(metadata, header_of)


def lineage(metadata: Metadata, header_of: HeaderOf) -> tuple[str, ...]:
    """Return what networks of one descent have in common, and no others.

    That is the gallery that they were trained in together. A training that started from a known style is of
    that one's lineage, one that started from any other file is of that file's name, and one that started
    from nothing is of its own.
    """
    seen: set[str] = set()
    while True:
        if gallery := metadata.training.get("gallery"):
            return "gallery", *map(str, gallery)
        start = str(metadata.training.get("init") or FROM_NOTHING)
        if start == FROM_NOTHING:
            return "itself", metadata.weights_digest
        above = None if start in seen else header_of(start)
        if above is None:
            return "file", start
        seen.add(start)
        metadata = above
