"""Unsent events in a folder: one file per batch, named after the time it was written, so that
processes never write to the same file. Two processes may send the same batch; the server knows the
ids of its events and counts them once."""

import json
import os
import time
import uuid
from pathlib import Path

from .limits import SPOOL_AGE_S_MAX, SPOOL_FILES_MAX
from .post import Event

_PREFIX = "almanac-"
_SUFFIX = ".json"


class Spool:
    """A bounded folder of batches. No method raises: a disk that fails costs events, no more."""

    def __init__(self, folder: str | Path) -> None:
        self._folder = Path(folder)

    def put(self, events: list[Event]) -> bool:
        """Keeps a batch; false when it could not be written."""
        name = f"{_PREFIX}{int(time.time() * 1000):015d}-{uuid.uuid4().hex[:8]}"
        written = self._folder / f"{name}.tmp"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            written.write_text(json.dumps(events))
            # Whoever lists the folder sees whole batches only.
            os.replace(written, self._folder / f"{name}{_SUFFIX}")
        except (OSError, TypeError, ValueError):
            self.remove(written)
            return False
        for surplus in self.batches()[:-SPOOL_FILES_MAX]:
            self.remove(surplus)
        return True

    def batches(self) -> list[Path]:
        """The batches that may still be sent, oldest first; those too old are removed."""
        try:
            found = sorted(self._folder.glob(f"{_PREFIX}*{_SUFFIX}"))
        except OSError:
            return []
        oldest_ms = (time.time() - SPOOL_AGE_S_MAX) * 1000
        fresh = []
        for path in found:
            written_ms = path.name[len(_PREFIX) :].partition("-")[0]
            if written_ms.isdigit() and int(written_ms) >= oldest_ms:
                fresh.append(path)
            else:
                self.remove(path)
        return fresh

    def load(self, path: Path) -> list[Event]:
        """The events of a batch; none when it is gone or spoilt."""
        try:
            events = json.loads(path.read_text())
        except (OSError, ValueError):
            return []
        return events if isinstance(events, list) else []

    def remove(self, path: Path) -> None:
        """Forgets a batch."""
        try:
            path.unlink(missing_ok=True)
        except OSError:
            pass
