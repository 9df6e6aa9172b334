from typing import Any, get_type_hints

import pytest
from pydantic import BaseModel

from fastst.errors import UsageError
from fastst.stylize.options import LoadKeywords, LoadOptions, StylizeKeywords, StylizeOptions


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"size": 0}, "size is 0"),
        ({"size": -5}, "size is -5"),
        ({"strength": 2}, "strength is 2"),
        ({"strength": -0.1}, "strength is -0.1"),
        ({"strength": float("nan")}, "strength is nan"),
        ({"stroke_size": 0}, "stroke size is 0"),
        ({"stroke_size": 0.5}, "stroke size is 0.5"),
        ({"stroke_size": 17}, "stroke size is 17"),
        ({"stroke_size": float("nan")}, "stroke size is nan"),
        ({"size": 1.5}, "stylize: size: .*integer"),
        ({"keep_colors": "some"}, "stylize: keep_colors: .*boolean"),
        ({"sise": 5}, "stylize: sise: there is no such setting"),
    ],
)
def test_options_out_of_range(options: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        StylizeOptions(**options)


def test_the_ends_of_the_ranges_are_in_them() -> None:
    for strength, stroke_size in ((0, 1), (1, 16)):
        assert StylizeOptions(size=1, strength=strength, stroke_size=stroke_size).strength == strength


@pytest.mark.parametrize(
    ("keywords", "model"), [(StylizeKeywords, StylizeOptions), (LoadKeywords, LoadOptions)]
)
def test_the_keywords_are_the_options(keywords: type, model: type[BaseModel]) -> None:
    fields = {name: field.annotation for name, field in model.model_fields.items()}
    assert get_type_hints(keywords) == fields
