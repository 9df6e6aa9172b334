"""Let torch's threads sleep soon when they have nothing to do.

GNU's OpenMP, which torch's builds for Linux use, lets idle threads spin for some milliseconds in case more
work comes. Beside another runtime, a decoder or an encoder they take a core from those that have work: a
frame of 640 x 480 took OpenVINO 33 ms after any work of torch's, and 28 ms without it (two cores). Ten
thousand turns are a fifth of a millisecond, and cost torch itself nothing that could be measured.

It is read once, when torch is loaded, so this has to run before; a user's own setting stays.
"""

import os

_TURNS = "10000"


def let_idle_threads_sleep() -> None:
    """Bound the spinning, unless the environment says how threads are to wait."""
    if "OMP_WAIT_POLICY" not in os.environ:
        os.environ.setdefault("GOMP_SPINCOUNT", _TURNS)
