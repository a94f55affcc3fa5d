"""Imports, and what became of each of their rows."""

from __future__ import annotations

from zhike.imports.models.imports import Import
from zhike.imports.models.rows import Row

__all__ = ["Import", "Row"]
