"""Options that are fields of settings models: their help, type and default are stated once, there."""

import functools
import inspect
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin

import typer
from pydantic import BaseModel
from pydantic.fields import FieldInfo

_Command = Callable[..., None]
# What the command lets the options come in as.
_GIVEN = "given"
# Where an option is called otherwise than its field.
_NAMES = {
    "laplacian_weight": "laplacian",
    "style_weight": "style-strength",
    "sizes": "size",
    "engines": "engine",
    "equivalence_sizes": "equivalence",
}


def with_options_of(
    *models: type[BaseModel],
    leave_out: Collection[str] = (),
    more: Mapping[str, Mapping[str, Any]] | None = None,
) -> Callable[[_Command], _Command]:
    """Let a command take every field that has a description as an option.

    The command's parameter ``given`` is where the options stand among its own, and gets a mapping of fields
    to what was given on the command line; fields that were not are left out.

    Args:
        models: whose fields; no two may have one of the same name.
        leave_out: fields that are no options of this command.
        more: what else typer is to know of an option, by field, such as a callback.
    """
    fields = {
        name: field
        for model in models
        for name, field in model.model_fields.items()
        if field.description and name not in leave_out
    }

    def decorate(command: _Command) -> _Command:
        @functools.wraps(command)
        def taking_options(**arguments: Any) -> None:
            given = {name: arguments.pop(name) for name in fields}
            arguments[_GIVEN] = {name: value for name, value in given.items() if value not in (None, [])}
            command(**arguments)

        parameters: list[inspect.Parameter] = []
        for parameter in inspect.signature(command).parameters.values():
            if parameter.name == _GIVEN:
                parameters += [_parameter(name, fields[name], (more or {}).get(name, {})) for name in fields]
            else:
                parameters.append(parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY))
        taking_options.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        taking_options.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
        return taking_options

    return decorate


def given_of(model: type[BaseModel], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was given of one model's fields."""
    return {name: value for name, value in given.items() if name in model.model_fields}


def _parameter(name: str, field: FieldInfo, more: Mapping[str, Any]) -> inspect.Parameter:
    kind = _kind(field)
    option = "--" + _NAMES.get(name, name).replace("_", "-")
    if kind is bool and field.get_default(call_default_factory=True):
        option += f"/--no-{option.removeprefix('--')}"
    described = typer.Option(
        option, help=field.description, show_default=_shown(field.default, option), **more
    )
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[kind | None, described]
    )


def _kind(field: FieldInfo) -> Any:
    """Return what the command line takes for a field: texts for all that the model reads from texts."""
    if get_origin(field.annotation) is dict:
        return str
    inner = [field.annotation, *get_args(field.annotation)]
    inner += [part for each in inner for part in get_args(each)]
    kind = next((kind for kind in (str, bool, int, float, Path) if kind in inner), str)
    return list[kind] if _is_repeatable(field) else kind  # type: ignore[valid-type]


def _is_repeatable(field: FieldInfo) -> bool:
    return get_origin(field.annotation) is tuple


def _shown(default: Any, option: str) -> str | bool:
    if default is None or default is False or default == ():
        return False
    if default is True:
        return option.partition("/")[0].removeprefix("--")
    if isinstance(default, tuple):
        return ", ".join(str(part) for part in default)
    if isinstance(default, dict):
        return ",".join(f"{name}:{value:g}" for name, value in default.items())
    return str(default)
