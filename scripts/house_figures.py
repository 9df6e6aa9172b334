"""Print figures of the package's shape at some commits, side by side, as a Markdown table.

python scripts/house_figures.py d5b721f~1 HEAD
"""

import argparse
import ast
import io
import subprocess
import tarfile
import tokenize
from pathlib import PurePosixPath
from statistics import median

_PACKAGE = "fastst"
_LONG = 300
_NO_CODE = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENDMARKER,
}
Sources = dict[PurePosixPath, str]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("commits", nargs="+")
    commits = parser.parse_args().commits
    columns = [figures(sources_at(commit)) for commit in commits]
    print("| | " + " | ".join(f"`{commit}`" for commit in commits) + " |")
    print("|---" * (1 + len(commits)) + "|")
    for name in columns[0]:
        print(f"| {name} | " + " | ".join(f"{column[name]:,}" for column in columns) + " |")


def sources_at(commit: str) -> Sources:
    """Return the package's modules at a commit, by their paths within it."""
    archive = subprocess.run(["git", "archive", commit, _PACKAGE], check=True, capture_output=True).stdout
    found = {}
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        for entry in files:
            file = files.extractfile(entry) if entry.name.endswith(".py") else None
            if file is not None:
                found[PurePosixPath(entry.name).relative_to(_PACKAGE)] = file.read().decode()
    return found


def figures(sources: Sources) -> dict[str, int]:
    """Return the figures by what they are."""
    lines = {path: len(text.splitlines()) for path, text in sources.items()}
    code = sum(len(code_lines(text)) for text in sources.values())
    imports = sum(import_lines(text) for text in sources.values())
    loose = [path for path in sources if len(path.parts) == 1 and not path.name.startswith("__")]
    return {
        "loose modules at the top": len(loose),
        "folders at the top": len({path.parts[0] for path in sources if len(path.parts) > 1}),
        "arrows between what is at the top": len(arrows(sources)),
        "files": len(sources),
        "median lines of a file": round(median(lines.values())),
        f"files over {_LONG} lines": sum(count > _LONG for count in lines.values()),
        "lines": sum(lines.values()),
        "lines that are code": code,
        "of these, imports, in percent": round(100 * imports / code),
        "declarations of `strength`": sum(declarations(text, "strength") for text in sources.values()),
    }


def code_lines(text: str) -> set[int]:
    """Return the numbers of the lines that hold more than comments and docstrings."""
    docstrings = {
        line
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    held = {
        line
        for token in tokenize.generate_tokens(io.StringIO(text).readline)
        if token.type not in _NO_CODE
        for line in range(token.start[0], token.end[0] + 1)
    }
    return held - docstrings


def import_lines(text: str) -> int:
    """Return how many lines imports take."""
    found = [node for node in ast.walk(ast.parse(text)) if isinstance(node, (ast.Import, ast.ImportFrom))]
    return sum((node.end_lineno or node.lineno) - node.lineno + 1 for node in found)


def arrows(sources: Sources) -> set[tuple[str, str]]:
    """Return which of the modules and folders at the top import which others."""
    found = set()
    for path, text in sources.items():
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(f"{_PACKAGE}."):
                found.add((PurePosixPath(path.parts[0]).stem, str(node.module).split(".")[1]))
    return {(importer, imported) for importer, imported in found if importer != imported}


def declarations(text: str, name: str) -> int:
    """Return how often a name is declared: as a parameter, or as a field of a class."""
    tree = ast.parse(text)
    parameters = sum(isinstance(node, ast.arg) and node.arg == name for node in ast.walk(tree))
    fields = sum(
        isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id == name
        for node in ast.walk(tree)
    )
    return parameters + fields


if __name__ == "__main__":
    main()
