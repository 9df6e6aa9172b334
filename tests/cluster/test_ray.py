"""A real Ray cluster of two nodes on this machine: minutes, so that the suite leaves it out."""

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import fsspec
import numpy as np
import pytest
from PIL import Image

from fastst.cluster.folders import Folder
from fastst.cluster.photos import PhotosProgress, paint_photos
from fastst.cluster.portable import PortableStylizer, load_portable
from fastst.errors import FaststError, UsageError
from tests.cluster.two_nodes import kill_a_worker, two_nodes, when
from tests.films import frame_times, frames, packets, write_film

pytest.importorskip("ray", reason="needs Ray")
pytestmark = pytest.mark.slow

COUNT = 90


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("in")
    draw = np.random.default_rng(0)
    for number in range(COUNT):
        (folder / str(number % 3)).mkdir(exist_ok=True)
        pixels = draw.integers(0, 256, (48, 64, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / str(number % 3) / f"{number:04}.jpg")
    return folder


@pytest.fixture(scope="module")
def portable() -> PortableStylizer:
    return load_portable("starry-night.film", device="cpu")


@pytest.fixture(scope="module")
def bucket() -> Iterator[str]:
    """A bucket at a stand-in for S3 on this machine, known to the cluster's processes by the environment."""
    pytest.importorskip("s3fs")
    server = pytest.importorskip("moto.server").ThreadedMotoServer(
        ip_address="127.0.0.1", port=0, verbose=False
    )
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", "nobody")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "nothing")
        patch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
        fsspec.filesystem("s3", skip_instance_cache=True).mkdir("pictures")
        yield "s3://pictures"
    server.stop()


@pytest.fixture
def cluster(bucket: str) -> Iterator[tuple[Any, Any]]:
    with two_nodes() as nodes:
        yield nodes


def run(cluster: Any, portable: PortableStylizer, source: str | Path, target: str | Path) -> PhotosProgress:
    from fastst.cluster.ray_pool import ray_pool

    with ray_pool(cluster.address, device="cpu") as pool:
        assert pool.size == 2
        return paint_photos(pool, portable, Folder(str(source)), Folder(str(target)))


def check_all_there(source: Path, target: Path) -> None:
    wanted = {file.relative_to(source) for file in source.rglob("*.jpg")}
    assert {file.relative_to(target) for file in target.rglob("*") if file.is_file()} == wanted
    for name in wanted:
        with Image.open(target / name) as picture:
            picture.load()
            assert picture.size == (64, 48)


def test_workers_that_are_killed(cluster, portable, photos, tmp_path):
    with (
        when(tmp_path, 10, partial(kill_a_worker, 0)) as first,
        when(tmp_path, 50, partial(kill_a_worker, 1)) as second,
    ):
        result = run(cluster[0], portable, photos, tmp_path)
    assert first.is_set() and second.is_set()
    assert (result.painted + result.there, result.failed, result.total) == (COUNT, 0, COUNT)
    check_all_there(photos, tmp_path)


def test_a_node_that_goes(cluster, portable, photos, tmp_path):
    with when(tmp_path, 30, lambda: cluster[0].remove_node(cluster[1])) as gone:
        result = run(cluster[0], portable, photos, tmp_path)
    assert gone.is_set()
    assert (result.painted + result.there, result.failed) == (COUNT, 0)
    check_all_there(photos, tmp_path)


def test_from_s3_to_s3(cluster, bucket, portable, photos, tmp_path):
    place = fsspec.filesystem("s3", skip_instance_cache=True)
    for file in sorted(photos.rglob("*.jpg"), key=lambda file: file.name)[:20]:
        place.put_file(str(file), f"pictures/in/{file.relative_to(photos)}")
    place.pipe_file("pictures/in/bad.png", b"no picture")
    result = run(cluster[0], portable, f"{bucket}/in", f"{bucket}/out")
    assert (result.painted, result.failed) == (20, 1)
    out = Folder(f"{bucket}/out")
    assert out.names("") == {"0", "1", "2", "failures.jsonl"}
    assert sum(len(out.names(str(number))) for number in range(3)) == 20


def test_it_is_the_picture_that_one_process_paints(cluster, portable, photos, tmp_path):
    from fastst.stylize.batch import stylize_files

    run(cluster[0], portable, photos / "0", tmp_path / "spread")
    stylize_files(portable.stylizer(), [photos / "0"], tmp_path / "alone", on_result=lambda *_: None)
    for file in (tmp_path / "alone").iterdir():
        assert file.read_bytes() == (tmp_path / "spread" / file.name).read_bytes()


def test_a_film_in_parts_is_the_film_in_one_piece(cluster, portable, tmp_path):
    from fastst.cluster.films import paint_film
    from fastst.cluster.ray_pool import ray_pool
    from fastst.video.conversion import stylize_film
    from fastst.video.settings import VideoSettings

    film = write_film(tmp_path / "video.mp4", frames=1000, options={"g": "25"}, sound=True)  # 40 s
    settings = VideoSettings(codec="h264", crf=0)
    whole, parts = tmp_path / "whole.mp4", tmp_path / "parts.mp4"
    with (
        ray_pool(cluster[0].address, device="cpu") as pool,
        when(tmp_path, 2, kill_a_worker, pattern="*/0*.mp4") as killed,
    ):
        paint_film(pool, portable, film, parts, settings, part_seconds=4)
    assert killed.is_set()
    stylize_film(portable.stylizer(), film, whole, settings)
    assert frame_times(parts) == frame_times(whole)
    assert packets(parts, "audio") == packets(whole, "audio") == packets(film, "audio")
    for one, other in zip(frames(parts), frames(whole), strict=True):
        np.testing.assert_array_equal(one, other)


def test_errors_come_back_and_reports_are_off(cluster, portable, photos, tmp_path):
    from ray._common.usage.usage_lib import usage_stats_enabled

    assert not usage_stats_enabled() and os.environ["RAY_USAGE_STATS_ENABLED"] == "0"
    with pytest.raises(UsageError, match="no-engine"):
        run(cluster[0], load_portable("starry-night.film", engine="no-engine"), photos, tmp_path / "out")


def test_a_cluster_that_is_not_there_is_named():
    from fastst.cluster.ray_pool import ray_pool

    with pytest.raises(FaststError, match=r"127.0.0.1:9: no Ray cluster answers"), ray_pool("127.0.0.1:9"):
        pass


def test_an_address_that_is_none_is_refused():
    from fastst.cluster.ray_pool import ray_pool

    with pytest.raises(UsageError, match="my-cluster: is no cluster's address"), ray_pool("my-cluster"):
        pass
