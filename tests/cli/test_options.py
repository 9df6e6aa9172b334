"""Whatever an option is given, the answer is one line: never "unexpected", never a traceback."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fastst.cli.main import main
from fastst.errors import FaststError
from fastst.evaluation.speed import parse_size
from fastst.files import expanded
from fastst.images.masks import split_pair
from fastst.images.pictures import check_size
from fastst.live.settings import LiveSettings
from fastst.live.sources import open_source
from fastst.networks.styles import load_style
from fastst.settings import validated
from fastst.stylize.options import StylizeOptions
from fastst.stylize.tiling.memory import parse_memory
from fastst.training.recipe import gather_settings
from fastst.video.codecs import choose_encoding
from fastst.video.sequence import SequenceWriter, is_pattern
from fastst.video.settings import VideoSettings

NUMBERS = st.integers() | st.floats() | st.sampled_from([10**18, 10**40, -1, 0, 1e30, 5e-324])
TEXTS = (
    st.text(max_size=40)
    | st.from_regex(r"[0-9]{1,40}([.][0-9]{1,40})? ?[KMGTkmgt]?i?B?", fullmatch=True)
    | st.from_regex(r"[0-9]{1,30}x[0-9]{1,30}", fullmatch=True)
    | st.sampled_from(
        ["9" * 400, "9" * 5000, "~nosuchuser/x", "\u00b2", "\u0663x\u0663", "%0999999999d.png", "a\0b", "-"]
    )
)


def never_unexpected(call: object) -> None:
    try:
        call()  # type: ignore[operator]
    except FaststError as error:
        assert len(str(error).splitlines()) <= 1


@given(TEXTS)
def test_texts(text: str) -> None:
    for parse in (parse_memory, parse_size, is_pattern, expanded, load_style):
        never_unexpected(lambda parse=parse: parse(text))
    never_unexpected(lambda: split_pair(text, written="MASK:STYLE"))
    never_unexpected(lambda: SequenceWriter(text))
    never_unexpected(
        lambda: choose_encoding(Path("a.mp4"), codec=text, crf=None, preset=None, has_alpha=False)
    )
    if not text.isdecimal() or len(text) > 4:  # a short number is a camera, which may be there
        never_unexpected(lambda: open_source(text))
    for name in ("title", "year", "data", "init", "optimizer", "precision"):
        given_too = {"painting": "a.png", "output": "a.safetensors", name: text}
        never_unexpected(lambda given_too=given_too: gather_settings(None, given=given_too))
    for name in ("style_loss", "content_layer", "style_layers"):
        never_unexpected(
            lambda name=name: gather_settings(
                None, given={"painting": "a.png", "output": "a.safetensors"}, objective={name: text}
            )
        )


@given(NUMBERS)
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_numbers(number: float) -> None:
    never_unexpected(lambda: check_size(number))
    for name in ("size", "strength", "stroke_size"):
        never_unexpected(lambda name=name: StylizeOptions(**{name: number}))
    for model, names in (
        (VideoSettings, ("size", "strength", "start", "duration", "crf", "fps")),
        (LiveSettings, ("size", "fps", "strength", "seconds")),
    ):
        for name in names:
            never_unexpected(lambda model=model, name=name: validated(model, {name: number}, origin="test"))
    for name in (
        "steps",
        "minutes",
        "size",
        "batch",
        "seed",
        "learning_rate",
        "ema_decay",
        "temporal_weight",
    ):
        given_too = {"painting": "a.png", "output": "a.safetensors", name: number}
        never_unexpected(lambda given_too=given_too: gather_settings(None, given=given_too))


@pytest.mark.parametrize(
    "arguments",
    [
        "stylize {photo} -s starry-night -o {out}/a.png --size 1000000000",
        "stylize {photo} -s starry-night -o {out}/a.png --memory " + "9" * 400,
        "stylize {photo} -s ~nosuchuser/x -o {out}/a.png",
        "stylize {photo} -s starry-night -o {out}/a.png --device meta",
        "stylize {photo} --region rest:starry-night --feather 1e30 -o {out}/a.png",
        "video {photo} -s starry-night --engine torch -o {out}/a.mp4",
        "video {film} -s starry-night --engine torch -o {out}/a.mp4 --start 1e18",
        "video {film} -s starry-night --engine torch -o {out}/a.mp4 --start 1e300",
        "webcam -s starry-night --headless --source 3333333333333333333333333333333",
        "bench --size 99999999x99999999",
    ],
)
def test_known_ones(
    arguments: str, photo: Path, make_film: object, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    film = make_film(frames=2)  # type: ignore[operator]
    words = [word.format(photo=photo, film=film, out=tmp_path / "out") for word in arguments.split()]
    with pytest.raises(SystemExit) as caught:
        main(words)
    said = capsys.readouterr().err
    assert caught.value.code in (1, 2)
    assert said.startswith("error: ") and said.count("\n") == 1 and len(said) < 700
    assert "unexpected" not in said and "damaged" not in said
