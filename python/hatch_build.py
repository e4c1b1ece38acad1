"""Puts the programs of a fleet into the wheel, where `TIER0_PROGRAMS` names the directory that has them (scripts/wheel)."""

from __future__ import annotations

import os
import sysconfig
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Programs(BuildHookInterface):
    """Makes the wheel one of this platform that carries programs."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Adds the programs, and a script that starts the command line among them."""
        directory = os.environ.get("TIER0_PROGRAMS")
        if not directory or version == "editable":
            return
        programs = sorted(path for path in Path(directory).iterdir() if path.is_file())
        for program in programs:
            build_data["force_include"][str(program)] = f"tier0/bin/{program.name}"
        build_data["shared_scripts"][str(Path(self.root) / "programs" / "tier0")] = "tier0"
        build_data["pure_python"] = False
        platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
        build_data["tag"] = f"py3-none-{platform}"
