import pickle
import secrets
from collections.abc import Iterator
from pathlib import Path

import fsspec
import pytest
from PIL import Image

from fastst.cluster.folders import Folder
from fastst.cluster.photos import paint_photos
from fastst.cluster.portable import load_portable
from fastst.errors import FaststError, UsageError
from tests.cluster.here import Here


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a bucket with three photos, at a stand-in for S3 on this machine."""
    pytest.importorskip("s3fs")
    server = pytest.importorskip("moto.server").ThreadedMotoServer(
        ip_address="127.0.0.1", port=0, verbose=False
    )
    server.start()
    host, port = server.get_host_and_port()
    for name, value in {
        "AWS_ACCESS_KEY_ID": "nobody",
        "AWS_SECRET_ACCESS_KEY": "nothing",
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
    }.items():
        monkeypatch.setenv(name, value)
    place = fsspec.filesystem("s3", skip_instance_cache=True)
    name = f"bucket-{secrets.token_hex(4)}"  # the stand-in keeps all buckets of a process
    place.mkdir(name)
    yield f"s3://{name}"
    server.stop()


@pytest.fixture
def memory() -> str:
    return f"memory://place-{secrets.token_hex(4)}"


@pytest.fixture(params=["memory", "bucket"])
def address(request: pytest.FixtureRequest) -> str:
    return request.getfixturevalue(request.param)


def put(address: str, *names: str, folder: Path) -> None:
    place, root = fsspec.url_to_fs(address, skip_instance_cache=True)
    Image.new("RGB", (40, 36), (200, 30, 10)).save(folder / "one.png")
    for name in names:
        place.makedirs(f"{root}/{name}".rpartition("/")[0], exist_ok=True)
        place.put_file(str(folder / "one.png"), f"{root}/{name}")


def unlisted(folder: str, error: FaststError) -> None:
    raise AssertionError(folder)


def test_pictures_come_folder_by_folder(address: str, tmp_path: Path) -> None:
    listed, hidden = ("in/b.png", "in/a.png", "in/x/c.jpg"), ("in/x/.d.png", "in/x/notes.txt", "in/.e/f.png")
    put(address, *listed, *hidden, folder=tmp_path)
    found = list(Folder(f"{address}/in/").pictures(without=Folder(f"{address}/out"), on_unlisted=unlisted))
    assert found == [("", ["a.png", "b.png"]), ("x", ["c.jpg"])]
    assert Folder(f"{address}/in").names("x") == {"c.jpg", ".d.png", "notes.txt"}
    assert Folder(f"{address}/in").names("gone") == set()


def test_from_an_address_to_an_address(address: str, tmp_path: Path) -> None:
    put(address, "in/a.png", "in/deep/b.png", folder=tmp_path)
    source, target = Folder(f"{address}/in"), Folder(f"{address}/in/out")
    place, root = fsspec.url_to_fs(address, skip_instance_cache=True)
    with place.open(f"{root}/in/broken.png", "wb") as file:
        file.write(b"no picture")
    portable = load_portable("starry-night.film", device="cpu")
    said: list[str] = []
    result = paint_photos(Here(), portable, source, target, on_failure=said.append)
    assert (result.painted, result.failed) == (2, 1)
    assert target.names("") == {"a.png", "deep", "failures.jsonl"} and target.names("deep") == {"b.png"}
    assert said[0].startswith(f"{address}/in/broken.png: is not a picture")
    with target.fetched("deep/b.png") as file, Image.open(file) as picture:
        assert picture.size == (40, 36)
    again = paint_photos(Here(), portable, source, target)
    assert (again.painted, again.there, again.failed) == (0, 2, 1)


def test_a_file_that_fails_leaves_nothing(address: str, tmp_path: Path) -> None:
    put(address, "in/a.png", folder=tmp_path)
    folder = Folder(f"{address}/out")
    with pytest.raises(RuntimeError), folder.stored("a.png") as file:
        file.write_bytes(b"half")
        raise RuntimeError
    assert folder.names("") == set()


def test_it_is_sent_to_other_processes(memory: str, tmp_path: Path) -> None:
    put(memory, "in/a.png", folder=tmp_path)
    folder = Folder(f"{memory}/in")
    folder.check_is_there()
    assert pickle.loads(pickle.dumps(folder)).names("") == {"a.png"}


def test_what_is_no_folder_is_refused(address: str) -> None:
    with pytest.raises(UsageError, match="no such folder"):
        Folder(f"{address}/gone").check_is_there()
    with pytest.raises(UsageError, match="nowhere://x: such addresses are not known"):
        Folder("nowhere://x").check_is_there()


def test_a_place_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("s3fs")
    for name, value in {
        "AWS_ACCESS_KEY_ID": "nobody",
        "AWS_SECRET_ACCESS_KEY": "nothing",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "AWS_MAX_ATTEMPTS": "1",
    }.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(FaststError, match=r"s3://bucket: cannot be looked at") as caught:
        Folder("s3://bucket").check_is_there()
    assert "\n" not in str(caught.value)


def test_file_addresses_are_paths(tmp_path: Path) -> None:
    folder = Folder(f"file://{tmp_path}")
    assert folder.is_local and folder.of("a.png") == str(tmp_path / "a.png")
    assert folder.beside("great:0.5").address == f"{tmp_path}.great-0.5"
    assert Folder("s3://bucket/photos/").beside("waves").address == "s3://bucket/photos.waves"
