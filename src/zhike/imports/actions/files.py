"""Writes: a file is brought in, and read as it is laid out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from zhike.accounts.policy import require
from zhike.base.clock import now
from zhike.base.errors import Conflict, NotFound
from zhike.base.inputs import Invalid
from zhike.base.uploads import FILE_MAX
from zhike.customers.models import Customer, CustomField
from zhike.customers.stored import shown_name
from zhike.engine.files import Layout
from zhike.imports.guessing import guess
from zhike.imports.models import Import
from zhike.imports.plans import Plan
from zhike.imports.queries import remembered_plan
from zhike.imports.spool import forget, keep, path_of, signature_of, spool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path
    from uuid import UUID

    from zhike.accounts.models import User


def bring_in(
    *, name: str, chunks: Iterable[bytes], by: User, form_key: UUID | None = None, size: int | None = None
) -> Import:
    """Put a file away and read it. The same `form_key` and file again give the first import back."""
    require(by, "import", Customer)
    if form_key is not None and (found := Import.objects.filter(form_key=form_key).first()) is not None:
        if found.owner_id != by.pk:
            raise NotFound
        again = keep(chunks)
        forget(again.stored_as)
        if again.digest != found.digest:
            raise Conflict(
                "这张表单已经上传过另一个文件，请重新打开再上传", "this form has brought in another file: open it anew"
            )
        return found
    if size is not None and size > FILE_MAX:
        raise Invalid(
            f"文件太大：网页上最多 {FILE_MAX // 2**20} MB，更大的请用 zhike import",
            f"the file is too large: at most {FILE_MAX // 2**20} MB here; use zhike import for a larger one",
            path="file",
        )
    return _bring_in(name, keep_or_refuse(chunks), by, Layout(), form_key)


def bring_in_sheet(*, imported: Import, sheet: str, by: User) -> Import:
    """Begin an import of another sheet of the same workbook."""
    require(by, "import", Customer)
    if not imported.has_file or not path_of(imported.stored_as).exists():
        raise Conflict("原来的文件已经删掉了，请再上传一次", "the file is gone: bring it in again")
    with path_of(imported.stored_as).open("rb") as file:
        kept = keep_or_refuse(iter(lambda: file.read(1 << 20), b""))
    return _bring_in(imported.file_name, kept, by, Layout(sheet=sheet), None)


def keep_or_refuse(chunks: Iterable[bytes]) -> tuple[str, int, str]:
    kept = keep(chunks)
    if not kept.size:
        forget(kept.stored_as)
        raise Invalid("文件是空的", "the file is empty", path="file")
    return kept


def open_file(
    path: Path, *, by: User | None, layout: Layout, progress: Callable[[float], None] | None = None
) -> Import:
    """Bring in a file that lies on this machine, for the operator or on behalf of a person."""
    if by is not None:
        require(by, "import", Customer)
    with path.open("rb") as file:
        kept = keep_or_refuse(iter(lambda: file.read(1 << 20), b""))
    return _bring_in(path.name, kept, by, layout, None, progress, path)


def _bring_in(  # noqa: PLR0913, PLR0917  one argument a column
    name: str,
    kept: tuple[str, int, str],
    by: User | None,
    layout: Layout,
    form_key: UUID | None,
    progress: Callable[[float], None] | None = None,
    source: Path | None = None,
) -> Import:
    stored_as, size, digest = kept
    imported = Import(
        owner=by,
        file_name=shown_name(name),
        stored_as=stored_as,
        size=size,
        digest=digest,
        form_key=form_key,
        created_at=now(),
    )
    try:
        _read(imported, layout, source or path_of(stored_as), progress)
        imported.save(force_insert=True)
    except BaseException:
        forget(stored_as)
        raise
    return imported


def _read(imported: Import, layout: Layout, source: Path, progress: Callable[[float], None] | None = None) -> None:
    """Read the file into its rows, and plan what to do with them, as far as that can be told."""
    found = spool(source, imported.stored_as, layout, progress)
    imported.columns = found.columns
    imported.total = found.total
    imported.profile = {name: profile.as_data() for name, profile in found.profiles.items()}
    imported.layout = {
        **layout._asdict(),
        "found_encoding": found.encoding,
        "found_separator": found.separator,
        "renamed": dict(found.renamed),
    }
    imported.signature = signature_of(found.columns)
    plan = remembered_plan(imported.owner, imported.signature)
    if plan is None:
        is_cards = found.encoding == "vcard"
        plan = guess(
            found.columns,
            found.profiles,
            list(CustomField.objects.all()),
            what="contacts" if is_cards else "",
        )
        plan = Plan.of({**plan.as_data(), "owner": "me" if imported.owner_id else ""})
    imported.what, imported.plan = plan.what, plan.as_data()


@transaction.atomic
def lay_out(*, imported: Import, layout: Layout, by: User) -> Import:
    """Read the file again, laid out otherwise."""
    require(by, "import", Customer)
    found = locked(imported)
    check_prepared(found)
    if not found.has_file:
        raise Conflict("原来的文件已经删掉了，请再上传一次", "the file is gone: bring it in again")
    _read(found, layout, path_of(found.stored_as))
    found.state = Import.State.DRAFT
    found.rows.all().delete()
    reset_counts(found)
    found.save()
    return found


def locked(imported: Import) -> Import:
    """Return the import as it is now, held until the transaction ends."""
    found = Import.objects.select_for_update(of=("self",)).select_related("owner", "job").filter(pk=imported.pk).first()
    if found is None:
        raise NotFound
    return found


def check_prepared(imported: Import) -> None:
    """Refuse to change what is being done, or has been."""
    if imported.state not in Import.PREPARED:
        raise Conflict(
            "这次导入已经开始，不能再改；要改就再上传一次",
            "this import has begun and stays as it is: bring the file in again",
        )


def reset_counts(imported: Import) -> None:
    imported.cursor = imported.done = imported.dropped = 0
    imported.followed = {}
    for name in Import.COUNTED:
        setattr(imported, name, 0)


@transaction.atomic
def discard(*, imported: Import, by: User) -> None:
    """Throw away an import that has not begun, with its file."""
    require(by, "import", Customer)
    found = locked(imported)
    check_prepared(found)
    stored_as = found.stored_as
    found.delete()
    transaction.on_commit(lambda: forget(stored_as))


def discard_quietly(imported: Import) -> None:
    """Throw away a file that the operator has brought in for nothing."""
    if Import.objects.filter(pk=imported.pk, state__in=Import.PREPARED).delete()[0]:
        forget(imported.stored_as)
