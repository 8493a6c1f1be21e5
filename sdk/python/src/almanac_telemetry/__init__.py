"""Counts calls of tools and commands for Almanac. The package is what this file names; everything
else in it may change."""

from .client import Telemetry
from .options import Level, Options, Status

__all__ = ["Level", "Options", "Status", "Telemetry"]
