"""onnxruntime-web, which runs the networks in the browser: one version, fetched and checked by its digest.

The package's archive is fetched from the npm registry as a file; npm is not needed, and nothing of it is run
here. Of its files the page needs four: a module and its WebAssembly, with WebGPU and without.
"""

import base64
import gzip
import hashlib
import logging
import os
import tarfile
from collections.abc import Iterator
from http.client import HTTPException
from pathlib import Path

from fastst.errors import FaststError
from fastst.files import atomic_path, cache_folder, check_is_file, expanded
from fastst.loss_network.package_index import download

VERSION = "1.30.0"
# As the registry states it, and npm checks it: of the whole archive.
SHA512 = "q0y+JrrtukXSzsBWEMccVfqX25LRmosXHF+CaRJmg8pZClzcV7svNc4rKY3jL02Vb7QmRMDs1SigqR4CXAfKYQ=="
ARCHIVE = f"onnxruntime-web-{VERSION}.tgz"

_PUBLIC = "https://registry.npmjs.org"
_VARIABLES = ("NPM_CONFIG_REGISTRY", "npm_config_registry")
_LARGEST = 2**26
# What the page calls them. WebAssembly is packed, as few hosts do so themselves, and some take no file
# above 25 MiB; the page unpacks it.
_MEMBERS = {
    "wasm.js": "package/dist/ort.wasm.bundle.min.mjs",
    "wasm.gz": "package/dist/ort-wasm-simd-threaded.wasm",
    "webgpu.js": "package/dist/ort.webgpu.bundle.min.mjs",
    "webgpu.gz": "package/dist/ort-wasm-simd-threaded.asyncify.wasm",
}

_log = logging.getLogger(__name__)


def runtime_archive(given: Path | None = None) -> Path:
    """Return the package's archive: the given one, else that in the cache, else fetched into the cache.

    Raises:
        FaststError: if the given one is another file, or none can be had.
    """
    if given is not None:
        given = expanded(given)
        check_is_file(given, what=f"the archive {ARCHIVE}")
        if not _is_right(given):
            raise FaststError(
                f"{given}: is not {ARCHIVE} as published, its sha512 differs; fetch it again, for "
                f"instance with `npm pack onnxruntime-web@{VERSION}`"
            )
        return given
    cached = cache_folder() / ARCHIVE
    if not (cached.is_file() and _is_right(cached)):
        _fetch(cached)
    return cached


def runtime_files(archive: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the files that the page needs, by name.

    Raises:
        FaststError: if the archive does not have them.
    """
    try:
        with tarfile.open(archive) as tar:
            for name, member in _MEMBERS.items():
                file = tar.extractfile(member)
                content = file.read() if file else b""
                yield name, gzip.compress(content, mtime=0) if name.endswith(".gz") else content
    except (OSError, tarfile.TarError, KeyError, EOFError) as error:
        raise FaststError(f"{archive}: cannot be read ({error}); fetch it again") from error


def registry_address() -> str:
    """Return the registry that npm is told to use, by its variable or the user's ``.npmrc``."""
    given = next((os.environ[name] for name in _VARIABLES if os.environ.get(name)), None)
    return (given or _from_npmrc() or _PUBLIC).rstrip("/")


def _from_npmrc() -> str | None:
    try:
        lines = expanded("~/.npmrc").read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return None
    settings = dict(line.replace(" ", "").split("=", 1) for line in lines if "=" in line)
    return settings.get("registry")


def _fetch(target: Path) -> None:
    address = f"{registry_address()}/onnxruntime-web/-/{ARCHIVE}"
    _log.info("fetching %s", address)
    with atomic_path(target) as temporary:
        try:
            download(address, temporary, largest=_LARGEST)
        except (OSError, HTTPException, ValueError) as error:
            raise _not_to_be_had(address, str(getattr(error, "reason", None) or error)) from error
        if not _is_right(temporary):
            raise _not_to_be_had(address, "its sha512 differs from the published one; the file was changed")


def _not_to_be_had(address: str, reason: str) -> FaststError:
    return FaststError(
        f"{address}: cannot be fetched ({reason}); get {ARCHIVE} where you can, for instance with "
        f"`npm pack onnxruntime-web@{VERSION}`, and give it with --runtime"
    )


def _is_right(path: Path) -> bool:
    with path.open("rb") as file:
        return base64.b64encode(hashlib.file_digest(file, "sha512").digest()).decode() == SHA512
