import pytest

from fastst.errors import UsageError
from fastst.evaluation import speed
from fastst.evaluation.speed import measure_speed, parse_size
from fastst.networks import build
from fastst.networks.checkpoint import Checkpoint
from fastst.networks.header import Metadata


@pytest.fixture(scope="module")
def style() -> Checkpoint:
    network = build("classic", width=2).eval()
    metadata = Metadata(architecture="classic", title="Tiny", steps=1, data="", fastst_version="0")
    return Checkpoint(network=network, metadata=metadata)


def test_figures_belong_together(style: Checkpoint) -> None:
    shares: list[float] = []
    sizes = [(40, 33), (64, 48)]
    report = measure_speed(
        "tiny",
        style,
        sizes=sizes,
        seconds=0.5,
        engines=["torch", "onnx"],
        device="cpu",
        on_round=shares.append,
    )
    assert [(row["width"], row["height"]) for row in report["reference"]] == sizes
    assert [(row["width"], row["engine"]) for row in report["results"]] == [
        (40, "torch"),
        (40, "onnx"),
        (64, "torch"),
        (64, "onnx"),
    ]
    for row in report["results"]:
        (classic,) = (other for other in report["reference"] if other["width"] == row["width"])
        assert (row["style"], row["architecture"]) == ("tiny", "classic")
        assert row["fps"] == pytest.approx(1000 / row["ms"], rel=0.01, abs=0.01)
        assert row["times_classic"] == pytest.approx(classic["ms"] / row["ms"], rel=0.01, abs=0.01)
        assert row["times_classic"] > 0
        assert row["rounds"] == classic["rounds"] >= 2  # they take turns
        assert row["first_ms"] > 0 and row["memory_mb"] >= 0
    assert shares == sorted(shares) and shares[-1] == 1
    assert report["machine"]["threads"] >= 1


def test_engines_by_default_are_those_of_auto(style: Checkpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speed, "engines_here", lambda device_type: [speed.engine_kind("torch")])
    report = measure_speed("tiny", style, sizes=[(32, 32)], seconds=0.01, device="cpu")
    assert [row["engine"] for row in report["results"]] == ["torch"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"sizes": [(640, 31)]}, "640x31 is too small"),
        ({"seconds": 0}, "seconds is 0"),
        ({"seconds": float("nan")}, "seconds is nan"),
        ({"engines": ["steam"]}, "steam: no such engine"),
    ],
)
def test_mistakes(style: Checkpoint, options: dict, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        measure_speed("tiny", style, **{"sizes": [(64, 64)], "seconds": 1, "device": "cpu"} | options)


def test_sizes_as_text() -> None:
    assert parse_size("640x480") == (640, 480)
    assert parse_size("1920X1080") == (1920, 1080)
    for text in ("640", "x480", "640x", "640x-1", "640x480x3", "big"):
        with pytest.raises(UsageError, match="such as 640x480"):
            parse_size(text)
