"""Styles on the Hugging Face Hub: ``user/style`` holds a checkpoint, its network for video, and its card."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fastst.errors import FaststError, UsageError
from fastst.networks.card import style_card
from fastst.networks.header import read_metadata
from fastst.networks.own_styles import add_style, own_style_path
from fastst.networks.styles import FOR_VIDEO, checkpoint_path, style_label, style_paths

_FILE, _FILM_FILE, _CARD = "style.safetensors", "style.film.safetensors", "README.md"


def push(style: str, repository: str, *, private: bool = False) -> str:
    """Put a style on the Hub, with its card; the token is that of ``hf auth login`` or ``HF_TOKEN``.

    Args:
        style: an installed style's name, or a checkpoint's path.
        repository: such as "user/my-style"; made if it is not there.
        private: make it so that only its owner sees it.

    Returns:
        The page's address.

    Raises:
        UsageError: if there is no such style, or it is a mix.
        FaststError: if the checkpoint is no good, or the Hub does not take it.
    """
    path = checkpoint_path(style)
    if path is None:
        raise UsageError(f"{style}: a mix has no file of its own; push its styles, and mix them by name")
    card = style_card(read_metadata(path), name=style_label(repository), repository=repository)
    files: dict[str, Path | bytes] = {_FILE: path, _CARD: card.encode()}
    if film := style_paths().get(style + FOR_VIDEO):
        files[_FILM_FILE] = film
    with _told_plainly(repository):
        from huggingface_hub import CommitOperationAdd, HfApi

        hub = HfApi()
        address = hub.create_repo(repository, private=private, exist_ok=True)
        added = [CommitOperationAdd(path_in_repo=name, path_or_fileobj=file) for name, file in files.items()]
        hub.create_commit(repository, operations=added, commit_message=f"{style_label(style)} by fastst")
    return str(address)


def pull(repository: str, *, name: str | None = None, revision: str = "main", overwrite: bool = False) -> str:
    """Take a style from the Hub and keep it among the user's own.

    Args:
        repository: such as "user/my-style".
        name: what to call it here; None: as the repository.
        revision: a branch, a tag or a commit.
        overwrite: whether an own style of that name is replaced.

    Returns:
        The name.

    Raises:
        UsageError: if no style can have that name, or one has it.
        FaststError: if there is no such style on the Hub, it cannot be had, or it is no checkpoint.
    """
    name = name or repository.rsplit("/", 1)[-1]
    own_style_path(name)  # before anything is fetched
    with _told_plainly(repository):
        from huggingface_hub import hf_hub_download
        from huggingface_hub.errors import RemoteEntryNotFoundError

        file = hf_hub_download(repository, _FILE, revision=revision)
        try:
            film = hf_hub_download(repository, _FILM_FILE, revision=revision)
        except RemoteEntryNotFoundError:
            film = None
    add_style(file, name=name, overwrite=overwrite)
    if film is not None:
        add_style(film, name=name + FOR_VIDEO, overwrite=overwrite)
    return name


@contextmanager
def _told_plainly(repository: str) -> Iterator[None]:
    """Turn the many errors of the Hub's client into one line."""
    from huggingface_hub import errors
    from huggingface_hub.utils.logging import set_verbosity_error

    set_verbosity_error()  # it would print every try
    try:
        yield
    except errors.HFValidationError as error:
        raise UsageError(f"{repository}: is not a name on the Hub; write it as user/style") from error
    except errors.GatedRepoError as error:
        raise FaststError(f"{repository}: asks for consent first; give it on its page") from error
    except errors.RepositoryNotFoundError as error:
        raise FaststError(
            f"{repository}: is not on the Hub, or private; check the name, or log in with `hf auth login`"
        ) from error
    except errors.RemoteEntryNotFoundError as error:
        raise FaststError(f"{repository}: holds no {_FILE}, so it is not a style of fastst's") from error
    except errors.RevisionNotFoundError as error:
        raise FaststError(f"{repository}: has no such revision") from error
    except (errors.LocalTokenNotFoundError, errors.HfHubHTTPError) as error:
        raise FaststError(
            f"{repository}: the Hub refused ({_first_line(error)}); log in with `hf auth login`, with a "
            "token that may write"
        ) from error
    except (errors.HTTPError, OSError) as error:
        raise FaststError(f"{repository}: the Hub cannot be reached ({_first_line(error)})") from error


def _first_line(error: Exception) -> str:
    return next(iter(str(error).strip().splitlines()), type(error).__name__).rstrip(".")
