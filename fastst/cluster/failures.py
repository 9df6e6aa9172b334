"""What could not be done, as a report in the target: ``failures.jsonl``, one object a line."""

import json

from fastst.cluster.folders import Folder
from fastst.files import atomic_path

REPORT = "failures.jsonl"


class Failures:
    """Failures by the photos' names."""

    def __init__(self) -> None:
        self._messages: dict[str, str] = {}

    def __len__(self) -> int:
        return len(self._messages)

    def __contains__(self, name: str) -> bool:
        return name in self._messages

    def note(self, name: str, message: str) -> None:
        """Keep why something failed."""
        self._messages[name] = message

    def publish(self, target: Folder) -> None:
        """Write the report, or remove an earlier one if nothing failed.

        Raises:
            FaststError: if the target cannot be written.
        """
        if not self._messages:
            target.remove(REPORT)
            return
        lines = [
            json.dumps({"picture": name, "error": message}, ensure_ascii=False)
            for name, message in sorted(self._messages.items())
        ]
        with target.stored(REPORT) as file, atomic_path(file) as temporary:
            temporary.write_text(
                "".join(f"{line}\n" for line in lines), encoding="utf-8", errors="backslashreplace"
            )
