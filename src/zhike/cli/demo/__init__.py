"""The demo company 清源水科技: `zhike demo`."""

from __future__ import annotations

from zhike.cli.demo.command import app

__all__ = ["app"]
