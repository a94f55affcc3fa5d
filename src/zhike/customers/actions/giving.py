"""Who hears that customers were made without an owner, or were given to one: the literal lists of the settings.

Called set-wise, in the transaction of the change and under the locks of whoever made it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.module_loading import import_string

if TYPE_CHECKING:
    from collections.abc import Iterable

    from zhike.accounts.models import User


def tell_given(ids: Iterable[int]) -> None:
    """Call the functions of `ZHIKE_ON_GIVEN` with the ids of customers who have another owner now, or none."""
    given = list(ids)
    for hook in settings.ZHIKE_ON_GIVEN if given else ():
        import_string(hook)(given)


def tell_unowned(ids: Iterable[int], *, by: User | None) -> None:
    """Call the functions of `ZHIKE_ON_UNOWNED` with the ids of new customers who were made without an owner."""
    made = list(ids)
    for hook in settings.ZHIKE_ON_UNOWNED if made else ():
        import_string(hook)(made, by=by)
