"""What a host sets, resolved once: its meaning, its default, and whether anything may be sent at
all. The only file that reads the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Level = Literal["minimal", "standard", "detailed"]
Status = Literal["success", "error", "timeout", "cancelled"]

# Fields of an event by the lowest level that may carry them; docs/collection.md has their meaning.
_STANDARD = frozenset({"duration_ms", "service", "cache_hit", "error_type"})
_DETAILED = frozenset({"parameters", "session_id"})
_ABOVE: Mapping[str, frozenset[str]] = {
    "minimal": _STANDARD | _DETAILED,
    "standard": _DETAILED,
    "detailed": frozenset(),
}


@dataclass(frozen=True, kw_only=True)
class Options:
    """How calls are counted. `endpoint`, `project` and `version` have no default."""

    # The Almanac server, for instance https://stats.example.
    endpoint: str
    # The project: its id, its domain, or one of its hosts. The key's project wins.
    project: str
    # Version of the tool that is counted.
    version: str
    # An ingest key, where the project asks for one.
    key: str | None = None
    # How much an event says; fields above the level are left out before they are sent.
    level: Level = "standard"
    # Name of the program that the tools belong to.
    service: str | None = None
    # A UUID that the host keeps for this installation; without one, nobody is recognised.
    installation_id: str | None = None
    # False sends nothing. True does not overrule DO_NOT_TRACK.
    enabled: bool = True
    # Folder that keeps unsent events; without one they are lost when the process ends.
    spool_dir: str | Path | None = None
    # Longest that an event waits for company, seconds.
    flush_interval_s: float = 5.0
    # Longest that the end of the process waits for the server, seconds.
    exit_wait_s: float = 0.2
    # Longest that a request may wait for the server, seconds.
    request_timeout_s: float = 5.0

    def is_off(self) -> bool:
        """Whether the host or the user of this machine wants nothing to be sent."""
        wish = os.environ.get("DO_NOT_TRACK", "").strip().lower()
        return not self.enabled or wish not in ("", "0", "false")

    def permitted(self, event: dict[str, object]) -> dict[str, object]:
        """The event without fields that are unset or above the level."""
        above = _ABOVE[self.level]
        return {
            name: value
            for name, value in event.items()
            if value is not None and name not in above
        }
