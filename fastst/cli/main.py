"""Gathers the commands, and turns every failure into one line and an exit code."""

import logging
import os
import sys
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from fastst.cli.bench import bench
from fastst.cli.evaluate import evaluate
from fastst.cli.export import export
from fastst.cli.hub import pull, push
from fastst.cli.optimize import optimize
from fastst.cli.sheet import sheet
from fastst.cli.speech import OneCleanLine, say, say_aside, what_could_not_be_said
from fastst.cli.studio import studio
from fastst.cli.styles import add, list_styles, remove
from fastst.cli.stylize import stylize
from fastst.cli.train import train
from fastst.cli.video import video
from fastst.cli.webcam import webcam
from fastst.cli.weights import weights
from fastst.errors import FaststError, UsageError
from fastst.runtime import __version__, endings_as_interrupts

# Newer versions of typer carry their own copy of click, older ones use the installed one.
_CommandLineError: type[Any] = next(
    kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException"
)

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _tell_version(asked: bool) -> None:
    if asked:
        say(f"fastst {__version__}")
        raise typer.Exit


@app.callback()
def fastst(
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_tell_version, help="Show the version.")
    ] = False,
) -> None:
    """One painting becomes a small network that stylizes photos in a single pass."""


# Options by the names that they had.
_FORMER_NAMES = {
    "--licence": "--license",
    "--steady": "--temporal-weight",
    "--variation-weight": "--tv-weight",
}


class _Command(TyperCommand):
    """A command that takes former names of options, too.

    It refuses an option given twice, of which click would take the last without a word.
    """

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the command line; see click."""
        args = [_by_its_name(word) for word in args]
        _, _, given = self.make_parser(ctx).parse_args(args=list(args))
        for option in given:
            takes_one = option.nargs == 1 and not option.multiple and not getattr(option, "is_flag", False)
            if option.param_type_name == "option" and takes_one and given.count(option) > 1:
                raise UsageError(
                    f"{max(option.opts, key=len)} is given {given.count(option)} times; give it once"
                )
        return super().parse_args(ctx, args)


_MAKING = (stylize, sheet, video, webcam, studio, train, optimize)
_ROUND_ABOUT = (evaluate, export, bench, push, pull, weights)
for command in (*_MAKING, *_ROUND_ABOUT):
    app.command(cls=_Command)(command)
styles = typer.Typer(invoke_without_command=True)
styles.callback()(list_styles)
styles.command(cls=_Command)(add)
styles.command(cls=_Command)(remove)
app.add_typer(styles, name="styles")


def _by_its_name(word: str) -> str:
    option, equals, value = word.partition("=")
    return _FORMER_NAMES.get(option, option) + equals + value


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit: 0 done, 1 failed, 2 used wrongly, 130 stopped by Ctrl-C."""
    log = logging.getLogger("fastst")
    before = log.level
    with endings_as_interrupts():
        code = _run(arguments)
    log.setLevel(before)  # for whoever calls this from Python
    sys.exit(code)


def _run(arguments: list[str] | None) -> int:
    # What the package has to tell, such as where weights come from, goes to the error stream as it is.
    if sys.stderr is None:  # closed by whoever started this; libraries expect one
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115, PTH123
    handler = logging.StreamHandler()
    handler.setFormatter(OneCleanLine())
    handler.addFilter(logging.Filter("fastst"))  # what libraries warn of, errors say better
    logging.basicConfig(handlers=[handler])
    logging.getLogger("fastst").setLevel(logging.INFO)
    try:
        code = app(arguments, standalone_mode=False) or 0
        if reason := what_could_not_be_said():
            return _fail(f"standard output takes no more ({reason})", code or 1)
        return code
    except FaststError as error:
        return _fail(str(error), error.exit_code)
    except _CommandLineError as error:
        # No arguments at all: the help was the message.
        message = error.format_message()
        return _fail(message, 2) if message else 2
    except (KeyboardInterrupt, typer.Abort):
        return _fail("stopped", 130)
    except BrokenPipeError:
        # The reader of a pipe such as `| head` has gone; there is nobody left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:
        if os.environ.get("FASTST_DEBUG"):
            raise
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        return _fail(f"unexpected: {reason} (set FASTST_DEBUG=1 for the details, and please report it)", 1)


def _fail(message: str, exit_code: int) -> int:
    say_aside(f"error: {message}")
    return exit_code
