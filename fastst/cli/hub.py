"""``fastst push`` and ``fastst pull``: styles to and from the Hugging Face Hub."""

from typing import Annotated

import typer

from fastst.cli.speech import say
from fastst.cli.stylize import OverwriteOption, StyleArgument
from fastst.errors import shown

RepositoryArgument = Annotated[
    str, typer.Argument(help="Where on the Hub: user/style.", show_default=False, metavar="USER/STYLE")
]


def push(
    style: StyleArgument,
    repository: RepositoryArgument,
    private: Annotated[bool, typer.Option("--private", help="For its owner's eyes only.")] = False,
) -> None:
    """Put a style on the Hugging Face Hub, with a card that says what it is."""
    from fastst.hub import push

    say(f"{shown(style)} -> {push(style, repository, private=private)}")


def pull(
    repository: RepositoryArgument,
    name: Annotated[str | None, typer.Option(help="What to call it here; by default as there.")] = None,
    revision: Annotated[str, typer.Option(help="A branch, a tag or a commit.")] = "main",
    overwrite: OverwriteOption = False,
) -> None:
    """Take a style from the Hugging Face Hub, to be used as -s STYLE."""
    from fastst.hub import pull

    kept = pull(repository, name=name, revision=revision, overwrite=overwrite)
    say(f"{shown(repository)}: use it as -s {shown(kept)}")
