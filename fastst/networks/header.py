"""A checkpoint's header: what it says of itself, read without torch, which takes seconds to import."""

import json
import os
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, field_validator, model_validator

from fastst.errors import FaststError, shown
from fastst.files import StrPath, check_is_file
from fastst.settings import by_their_names

FORMAT = 1
HEADER_KEY = "fastst"
# As in the safetensors library.
_LONGEST_HEADER = 100_000_000
_SIGNATURES = {
    b"\xff\xd8\xff": "a JPEG picture",
    b"\x89PNG": "a PNG picture",
    b"GIF8": "a GIF picture",
    b"RIFF": "a WebP picture",
    b"PK\x03\x04": "a zip or PyTorch .pth archive",
    b"\x80\x02": "a pickle",
    b"\x80\x04": "a pickle",
    b"<": "a web page",
}


class Metadata(BaseModel):
    """What a checkpoint says of itself, kept as JSON in the file's header."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    architecture: str
    options: dict[str, int] = {}
    title: str
    painter: str | None = None
    year: str | None = None
    license: str | None = None
    steps: int
    data: str
    training: dict[str, Any] = {}
    measures: dict[str, Any] = {}
    fastst_version: str
    weights_digest: str = ""
    format: int = FORMAT

    @model_validator(mode="before")
    @classmethod
    def _by_todays_names(cls, values: Any) -> Any:
        values = by_their_names(values)
        return {**values, "training": by_their_names(values.get("training", {}))}

    @field_validator("title", "painter", "year", "license", "data")
    @classmethod
    def _one_clean_line(cls, value: str | None) -> str | None:
        return None if value is None else shown(value)


def read_metadata(path: StrPath) -> Metadata:
    """Return a checkpoint's header without reading its weights.

    Raises:
        FaststError: if the file is missing, cut short, of another kind or of a newer format.
    """
    path = Path(path)
    if path.exists() and not path.is_dir():
        check_is_file(path, what="a checkpoint")
    try:
        header = _texts(path)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError) as error:
        raise FaststError(f"{path}: is not a fastst checkpoint; {_what_it_is(path)}") from error
    except OSError as error:
        raise FaststError(f"{path}: {_why_unreadable(path, error)}") from error
    if HEADER_KEY not in header:
        raise FaststError(
            f"{path}: holds weights but no fastst header; only checkpoints made by `fastst train` load"
        )
    return _parse_header(path, header[HEADER_KEY])


def _texts(path: Path) -> dict[str, str]:
    """Return the texts in the header of a safetensors file.

    Read here, because ``safe_open`` imports the framework that is to hold the tensors, NumPy at least, which
    takes longer than all else that a list of styles needs; it still reads the tensors.

    Raises:
        ValueError: if it is no such file, or not as long as its header says.
    """
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if length > _LONGEST_HEADER:
            raise ValueError("is not a safetensors file")
        entries = json.loads(file.read(length))
        texts = entries.pop("__metadata__", {})
        ends = [entry["data_offsets"][1] for entry in entries.values()]
        if os.fstat(file.fileno()).st_size != 8 + length + max(ends, default=0):
            raise ValueError("is cut short")
    return texts


def _parse_header(path: Path, text: str) -> Metadata:
    try:
        header = json.loads(text)
        written_format = header["format"]
        if written_format > FORMAT:
            raise FaststError(
                f"{path}: is of checkpoint format {written_format}, but this fastst reads up to {FORMAT}; "
                "upgrade fastst"
            )
        return Metadata.model_validate(header)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise FaststError(f"{path}: its fastst header is damaged; fetch the checkpoint again") from error


def _why_unreadable(path: Path, error: OSError) -> str:
    if not path.exists():
        return "no such checkpoint"
    if path.is_dir():
        return "is a folder, not a checkpoint"
    return f"cannot be read ({error.strerror or error})"


def _what_it_is(path: Path) -> str:
    with path.open("rb") as file:
        start = file.read(512)
    if not start:
        return "the file is empty"
    if path.suffix == ".safetensors" and start[8:9] == b"{":
        return "the file is cut short or damaged: fetch it again"
    for signature, kind in _SIGNATURES.items():
        if start.lstrip().startswith(signature):
            return f"it is {kind}; give the .safetensors file that `fastst train` wrote"
    return "give the .safetensors file that `fastst train` wrote"
