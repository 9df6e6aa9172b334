"""The network that a training begins with."""

from dataclasses import dataclass

from torch import nn

from fastst.errors import UsageError
from fastst.networks import all_options, build
from fastst.networks.lineage import FROM_NOTHING
from fastst.networks.styles import load_style
from fastst.training.memory import check_memory
from fastst.training.settings import TrainingSettings


@dataclass(frozen=True)
class Beginning:
    """A network and what is known of it.

    Attributes:
        network: in training mode.
        architecture: its name.
        options: all of the architecture's.
        strength: the factor on the style's strength that it was trained at; see ``Balance``.
    """

    network: nn.Module
    architecture: str
    options: dict[str, int]
    strength: float = 1.0


def begin(settings: TrainingSettings) -> Beginning:
    """Return a new network, or that of the style that ``init`` names.

    Raises:
        UsageError: if that is of another architecture than was asked for, or memory is too little.
    """
    options = all_options(settings.architecture, settings.options)
    if settings.init == FROM_NOTHING:
        check_memory(settings, architecture=settings.architecture, options=options)
        return Beginning(build(settings.architecture, **options), settings.architecture, options)
    start = load_style(settings.init)
    architecture, trained = start.metadata.architecture, start.metadata.options
    check_memory(settings, architecture=architecture, options=trained)
    chosen = settings.model_fields_set & {"architecture", "options"}
    if chosen and (architecture, trained) != (settings.architecture, options):
        raise UsageError(
            f"--init {settings.init}: is a {architecture} {trained}, but a {settings.architecture} {options} "
            "was asked for; leave those out, or choose another style to start from"
        )
    recorded = start.metadata.training.get("strength")
    strength = float(recorded) if isinstance(recorded, int | float) and recorded > 0 else 1.0
    return Beginning(start.network.train(), architecture, trained, strength)
