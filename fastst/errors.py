"""The errors that fastst tells its users: one clean line that names the file and the cure."""

import re
import unicodedata

# Controls, what turns the direction of writing, separators of lines, and the halves of no character at all.
_HIDDEN = frozenset(("Cc", "Cf", "Zl", "Zp", "Cs"))
# What joins letters and emoji is of that kind too, and does no harm.
_JOINERS = frozenset("\u200c\u200d")
_PASSWORD = re.compile(r"(\w+://[^/\s:@]*):[^/\s@]+@")


def shown(text: object) -> str:
    """Return text fit for a terminal and a log, in one line, whatever file names and headers it holds.

    Control characters, line ends and escape sequences are written as such as ``\\x1b``, and so are the bytes
    of names that are no text; the password of an address becomes three stars.
    """
    without = _PASSWORD.sub(r"\1:***@", str(text))
    if without.isprintable():
        return without
    return "".join(_escaped(sign) if _is_hidden(sign) else sign for sign in without)


def _is_hidden(sign: str) -> bool:
    return unicodedata.category(sign) in _HIDDEN and sign not in _JOINERS


def _escaped(sign: str) -> str:
    code = ord(sign)
    if 0xDC80 <= code <= 0xDCFF:  # how Python keeps a byte of a file name that is no text
        return f"\\x{code - 0xDC00:02x}"
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


class FaststError(Exception):
    """A failure the user can act on; the command line prints its text and exits with 1."""

    exit_code = 1

    def __str__(self) -> str:
        return shown(super().__str__())


class UsageError(FaststError):
    """What was asked cannot be done as asked; the command line exits with 2."""

    exit_code = 2
