"""Build hook: a wheel carries the built web app. An editable install does not; there the Makefile builds it."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class WebAppHook(BuildHookInterface[Any]):
    """Builds web/ before the wheel's files are collected."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """``version`` is hatchling's name for the kind of build, standard or editable."""
        if version == "editable":
            return
        if not (Path(self.root) / "web" / "package.json").exists():
            # The image builds the web app in a stage of its own and hands over the result.
            built = Path(self.root) / "src" / "facility_monitor" / "web" / "dist" / "index.html"
            if not built.exists():
                raise FileNotFoundError(f"neither the web app's sources nor {built} are here")
            return
        script = Path(self.root) / "web" / "build.py"
        spec = importlib.util.spec_from_file_location("web_build", script)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        module.build(may_install_node=False)
