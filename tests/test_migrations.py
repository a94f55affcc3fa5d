from __future__ import annotations

import pytest


@pytest.mark.django_db
def test_every_change_of_a_model_has_its_migration(capsys):
    from django.core.management import call_command

    call_command("makemigrations", check=True, dry_run=True)
    assert capsys.readouterr().out == "No changes detected\n"
