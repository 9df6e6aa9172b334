"""``python -m fastst`` is the command line."""

from fastst.cli import main

if __name__ == "__main__":
    main()
