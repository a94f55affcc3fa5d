"""Sending one message over the network, within bounds: fifteen seconds in all, no redirects, little is read."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING

import httpx
from asgiref.sync import async_to_sync

from zhike.notices.bots import BODY_MAX

if TYPE_CHECKING:
    from zhike.notices.bots import Message

SECONDS_IN_ALL = 15.0


class Failed(Exception):
    """The message did not get through. The text has no part of the address in it, which is a secret."""

    def __init__(self, reason: str, *, is_gone: bool = False) -> None:
        super().__init__(reason)
        self.is_gone = is_gone


def post(message: Message) -> bytes:
    """Send a message and return the answer, or raise `Failed`.

    The limit counts for everything together, looking the host up too; each part having a limit of its own would let
    a server that answers byte by byte hold a worker for hours.
    """
    return async_to_sync(_post)(message)


async def _post(message: Message) -> bytes:
    try:
        async with (
            asyncio.timeout(SECONDS_IN_ALL),
            httpx.AsyncClient(follow_redirects=False, timeout=SECONDS_IN_ALL) as client,
        ):
            headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "zhike"}
            request = client.build_request("POST", message.address, content=message.body, headers=headers)
            response = await client.send(request, stream=True)
            try:
                return await _read(response)
            finally:
                await response.aclose()
    except (TimeoutError, httpx.TimeoutException):
        raise Failed("timeout 15 s") from None
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        raise Failed(type(error).__name__) from None  # its words would have the address


async def _read(response: httpx.Response) -> bytes:
    if response.status_code == HTTPStatus.GONE:
        raise Failed("HTTP 410", is_gone=True)
    if not response.is_success:
        raise Failed(f"HTTP {response.status_code}")
    answer = b""
    async for chunk in response.aiter_bytes():
        answer += chunk
        if len(answer) > BODY_MAX:
            raise Failed("answer > 64 KB")
    return answer
