"""How much a browser may send at once. What is larger is refused before it is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import IO

    from django.utils.datastructures import MultiValueDict

FILE_MAX = 20 * 1024 * 1024
# What stands around the file in the request.
_AROUND = 1024 * 1024


class Limit(FileUploadHandler):
    """The first of the upload handlers: it keeps nothing and lets nothing pass that is too large."""

    def handle_raw_input(  # type: ignore[override]  # it never answers itself
        self,
        input_data: IO[bytes],  # noqa: ARG002  Django's signature
        META: Mapping[str, str],  # noqa: ARG002, N803
        content_length: int,
        boundary: bytes,  # noqa: ARG002
        encoding: str | None = None,  # noqa: ARG002
    ) -> tuple[Mapping[str, str], MultiValueDict[str, str]] | None:
        if content_length > FILE_MAX + _AROUND:
            raise RequestDataTooBig
        return None

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:  # noqa: ARG002
        return raw_data

    def file_complete(self, file_size: int) -> None:  # noqa: ARG002
        return None
