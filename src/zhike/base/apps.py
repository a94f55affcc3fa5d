"""The app that carries the templates, static files and middleware all others stand on."""

from __future__ import annotations

from django.apps import AppConfig


class BaseConfig(AppConfig):
    name = "zhike.base"
