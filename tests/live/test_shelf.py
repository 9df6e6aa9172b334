import threading

import pytest
from torch import nn

from fastst.errors import FaststError
from fastst.live.shelf import StyleShelf
from fastst.stylizer import Stylizer


def stylizer(name: str) -> Stylizer:
    return Stylizer(nn.Identity(), {"title": name}, device="cpu")


def title(shelf: StyleShelf) -> str:
    return shelf.current().metadata["title"]


def test_styles_in_turn() -> None:
    shelf = StyleShelf(["a", "b", "folder/c.safetensors"], stylizer)
    shelf.wait()
    assert title(shelf) == "a"
    shelf.step(1)
    assert title(shelf) == "b"
    shelf.step(1)
    assert (title(shelf), shelf.name) == ("folder/c.safetensors", "c")
    shelf.step(1)
    assert title(shelf) == "a"
    shelf.step(-1)
    assert shelf.current() is shelf.current() and shelf.name == "c"


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
    shelf.wait()
    assert (title(shelf), shelf.name) == ("b", "b")


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
    assert title(shelf) == "c"
    assert shelf.failures == {"bad": "bad: damaged"}


def test_the_first_must_load() -> None:
    def load(name: str) -> Stylizer:
        raise FaststError("no such style")

    with pytest.raises(FaststError, match="no such style"):
        StyleShelf(["a"], load)
