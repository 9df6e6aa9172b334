import threading
import time

import pytest
from torch import Tensor, nn

from fastst.errors import FaststError
from fastst.live.shelf import StyleShelf
from fastst.stylize.stylizer import Stylizer


def stylizer(name: str) -> Stylizer:
    return Stylizer(nn.Identity(), {"title": name}, device="cpu")


def title(shelf: StyleShelf) -> str:
    return shelf.current(48, 64).metadata["title"]


def becomes(shelf: StyleShelf, wanted: str) -> bool:
    """Whether that style is shown before long: it is made ready in another thread."""
    deadline = time.monotonic() + 5
    while title(shelf) != wanted and time.monotonic() < deadline:
        time.sleep(0.005)
    return title(shelf) == wanted


def test_styles_in_turn() -> None:
    shelf = StyleShelf(["a", "b", "folder/c.safetensors"], stylizer)
    shelf.wait()
    assert title(shelf) == "a"
    shelf.step(1)
    assert becomes(shelf, "b")
    shelf.step(1)
    assert becomes(shelf, "folder/c.safetensors") and shelf.name == "c"
    shelf.step(1)
    assert becomes(shelf, "a")
    shelf.step(-1)
    assert becomes(shelf, "folder/c.safetensors")
    assert shelf.current(48, 64) is shelf.current(48, 64)
    shelf.close()


def test_the_old_style_stays_until_the_new_one_is_loaded() -> None:
    may_load = threading.Event()

    def load(name: str) -> Stylizer:
        if name != "a":
            may_load.wait(10)
        return stylizer(name)

    shelf = StyleShelf(["a", "b"], load)
    shelf.step(1)
    assert (title(shelf), shelf.name) == ("a", "a")
    may_load.set()
    assert becomes(shelf, "b") and shelf.name == "b"
    shelf.close()


def test_a_style_is_shown_only_after_it_has_run_at_the_frames_size() -> None:
    class Watcher(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.ran_in: list[tuple[tuple[int, ...], str]] = []

        def forward(self, batch: Tensor) -> Tensor:
            self.ran_in.append((tuple(batch.shape[-2:]), threading.current_thread().name))
            return batch

    networks = {name: Watcher() for name in "ab"}
    shelf = StyleShelf(["a", "b"], lambda name: Stylizer(networks[name], {"title": name}, device="cpu"))
    shelf.wait()
    for height in (48, 96):
        shelf.current(height, 64)
        shelf.step(1)
        deadline = time.monotonic() + 5
        while shelf.current(height, 64).network is not networks["b"] and time.monotonic() < deadline:
            time.sleep(0.005)
        assert ((height, 64), "styles") in networks["b"].ran_in
        shelf.step(-1)
        assert becomes(shelf, "a")
    shelf.close()


def test_a_style_that_cannot_be_loaded_is_skipped() -> None:
    may_load = threading.Event()

    def load(name: str) -> Stylizer:
        if name == "bad":
            may_load.wait(10)
            raise FaststError("bad: damaged")
        return stylizer(name)

    shelf = StyleShelf(["a", "bad", "c"], load)
    shelf.step(1)  # before it has failed
    may_load.set()
    shelf.wait()
    assert title(shelf) == "a"
    shelf.step(1)
    assert becomes(shelf, "c")
    assert shelf.failures == {"bad": "bad: damaged"}


def test_the_first_must_load() -> None:
    def load(name: str) -> Stylizer:
        raise FaststError("no such style")

    with pytest.raises(FaststError, match="no such style"):
        StyleShelf(["a"], load)
