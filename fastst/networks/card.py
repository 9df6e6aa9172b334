"""A style's card: its header in words, as the Hugging Face Hub shows it beside the file."""

from collections.abc import Mapping
from typing import Any

from fastst.networks.header import Metadata

_PAGE = """---
library_name: fastst
pipeline_tag: image-to-image
tags:
- style-transfer
license: {tag}
---

# {title}

A style for fastst: a small network that stylizes photos, video and a webcam in a single forward pass.

```
pip install fastst
{get}fastst stylize photo.jpg -s {name}
```

| | |
|---|---|
{rows}
"""
_MEASURES = """
Measured on {photos} photos that training never saw, at a long side of 512 px, as shares of the painting's
own (edges: of the photo's):

| strokes of 4 / 8 / 16 / 32 px | edges (least) | contrast | chroma |
|---|---|---|---|
| {strokes} | {edges:.2f} ({least_edges:.2f}) | {contrast:.2f} | {chroma:.2f} |
"""


def style_card(metadata: Metadata, *, name: str, repository: str | None = None) -> str:
    """Return a style's card as Markdown, with the front matter that the Hub reads.

    Args:
        metadata: the checkpoint's header.
        name: what the style is called in commands.
        repository: where it is on the Hub, such as "user/style"; None: it comes with fastst.
    """
    rows = "\n".join(f"| {what} | {told} |" for what, told in _facts(metadata).items() if told)
    page = _PAGE.format(
        tag="other" if metadata.license is None else metadata.license.lower().replace(" ", "-"),
        title=metadata.title,
        get=f"fastst pull {repository}\n" if repository else "",
        name=name,
        rows=rows,
    )
    return page + (_measures(metadata.measures) if metadata.measures else "")


def _facts(metadata: Metadata) -> dict[str, str | None]:
    training = metadata.training
    options = ", ".join(f"{option} {value}" for option, value in metadata.options.items())
    pictures = training.get("pictures")
    return {
        "painter": metadata.painter,
        "year": metadata.year,
        "license of the weights": metadata.license or "not stated",
        "network": f"{metadata.architecture} ({options})" if options else metadata.architecture,
        "trained on": metadata.data,
        "steps": f"{metadata.steps}, {pictures} pictures" if pictures else str(metadata.steps),
        "temporal loss": f"weight {training['temporal_weight']:g}"
        if training.get("temporal_weight")
        else None,
        "made by": f"fastst {metadata.fastst_version}",
    }


def _measures(measures: Mapping[str, Any]) -> str:
    strokes = " / ".join(f"{share:.2f}" for share in measures["strokes"])
    return _MEASURES.format(**{**measures, "strokes": strokes})
