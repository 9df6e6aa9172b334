from fractions import Fraction

import numpy as np
import pytest

from fastst.video.frame import FilmFacts, Frame, Tally

FACTS = FilmFacts(
    width=2, height=2, rate=Fraction(25), time_base=Fraction(1, 25), frames=100, seconds=Fraction(4)
)


def tally(numbers: list[int]) -> Tally:
    tally = Tally()
    for number in numbers:
        frame = Frame(np.zeros((2, 2, 3), np.uint8), Fraction(number, 25), Fraction(1, 25))
        tally.count(frame, FACTS)
    return tally


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        (list(range(100)), []),
        (list(range(98)), []),
        (list(range(60)), ["ends after 2.4 s of 4.0 s; the rest is missing or damaged"]),
        ([*range(40), *range(60, 100)], ["80 frames could be read where about 100 should be"]),
        # A rate that varies promises no number of frames.
        ([*range(0, 100, 2), 99], []),
    ],
)
def test_what_is_missing(numbers: list[int], said: list[str]) -> None:
    assert tally(numbers).notes(FACTS) == said


def test_what_is_damaged() -> None:
    found = tally(list(range(100)))
    found.damaged_packets = 3
    assert found.notes(FACTS) == ["3 damaged packets were left out"]
