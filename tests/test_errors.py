import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastst.errors import FaststError, shown


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("photo.jpg", "photo.jpg"),
        ("Straße 日本 👩\u200d🎨.jpg", "Straße 日本 👩\u200d🎨.jpg"),
        ("a\x1b[31mred\x07.jpg", r"a\x1b[31mred\x07.jpg"),
        ("a\nerror: b", r"a\x0aerror: b"),
        ("a\rb\u2028c\x85", r"a\x0db\u2028c\x85"),
        ("gpj\u202e.exe", r"gpj\u202e.exe"),
        ("caf\udce9.jpg", r"caf\xe9.jpg"),
        ("rtsp://me:secret@camera/1", "rtsp://me:***@camera/1"),
        ("cannot open http://a:b:c@d.e:80/f?g=h@i", "cannot open http://a:***@d.e:80/f?g=h@i"),
        ("http://host:8080/me@home", "http://host:8080/me@home"),
    ],
)
def test_what_is_shown(text: str, expected: str) -> None:
    assert shown(text) == str(FaststError(text)) == expected


@given(st.text())
def test_always_one_line_that_any_terminal_takes(text: str) -> None:
    clean = shown(text)
    assert len(clean.splitlines()) <= 1
    clean.encode()
    assert not {"Cc", "Cs"} & {unicodedata.category(sign) for sign in clean}
    assert shown(clean) == clean
