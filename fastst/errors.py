"""The errors that fastst tells its users: one line that names the file and the cure."""


class FaststError(Exception):
    """A failure the user can act on; the command line prints its text and exits with 1."""

    exit_code = 1


class UsageError(FaststError):
    """What was asked cannot be done as asked; the command line exits with 2."""

    exit_code = 2
