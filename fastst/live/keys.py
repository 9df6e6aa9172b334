"""The keys of the live window."""

from enum import Enum


class Command(Enum):
    """What a key asks for."""

    NEXT_STYLE = "next style"
    PREVIOUS_STYLE = "previous style"
    STRONGER = "stronger"
    WEAKER = "weaker"
    KEEP_COLORS = "keep colours"
    SIDE_BY_SIDE = "side by side"
    SMOOTH = "smooth"
    RECORD = "record"
    SCREENSHOT = "screenshot"
    FULL_SCREEN = "full screen"
    HELP = "help"
    QUIT = "quit"


_ESCAPE = "\x1b"
_KEYS = {
    "n": Command.NEXT_STYLE,
    "p": Command.PREVIOUS_STYLE,
    "+": Command.STRONGER,
    "=": Command.STRONGER,
    "-": Command.WEAKER,
    "c": Command.KEEP_COLORS,
    "s": Command.SIDE_BY_SIDE,
    "m": Command.SMOOTH,
    "r": Command.RECORD,
    " ": Command.SCREENSHOT,
    "f": Command.FULL_SCREEN,
    "h": Command.HELP,
    "q": Command.QUIT,
    _ESCAPE: Command.QUIT,
}
_NAMES = {" ": "space", _ESCAPE: "Esc"}


def command_of(key: int) -> Command | None:
    """The command of a key code as OpenCV gives it; -1 is no key."""
    return _KEYS.get(chr(key & 0xFF).lower()) if key >= 0 else None


def key_lines() -> list[str]:
    """One line a command, with its keys."""
    lines = []
    for command in Command:
        keys = [_NAMES.get(key, key) for key, meant in _KEYS.items() if meant is command]
        lines.append(f"{' or '.join(keys)}: {command.value}")
    return lines
