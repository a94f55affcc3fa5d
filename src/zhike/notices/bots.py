r"""What WeCom, DingTalk and Feishu ask of whoever speaks by a bot in a group: addresses, signatures, bodies, answers.

Their manuals, as of 2026:
- https://developer.work.weixin.qq.com/document/path/91770 : no signature, the key in the address is all; text of 2048 bytes.
- https://open.dingtalk.com/document/robots/custom-robot-access : ``timestamp`` in milliseconds and ``sign`` in the address,
  HMAC-SHA256 of ``timestamp\\nsecret`` by the secret, in base64, escaped for an address.
- https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot : ``timestamp`` in seconds and ``sign`` in the body,
  HMAC-SHA256 of nothing by ``timestamp\\nsecret``, in base64. Lark is the same elsewhere.
All of them answer 200 to what they refuse, with a number in the body.
"""

from __future__ import annotations

import json
from base64 import b64encode
from dataclasses import dataclass
from hmac import digest
from typing import TYPE_CHECKING
from urllib.parse import quote_plus, urlsplit

from django.conf import settings

from zhike.base.inputs import Invalid
from zhike.core.text import Text
from zhike.notices.models import Channel

if TYPE_CHECKING:
    from collections.abc import Mapping

ADDRESS_MAX = 1000
BODY_MAX = 64 * 1024
SAID_MAX = 200


@dataclass(frozen=True, slots=True)
class Maker:
    """Where the bots of one maker are, what their addresses have in common, and how much text one message holds."""

    label: Text
    origins: frozenset[str]
    path: str
    query: str
    signs: bool
    most_bytes: int


MAKERS: Mapping[str, Maker] = {
    Channel.Kind.WECOM: Maker(
        Text("企业微信", "WeCom"),
        frozenset({"https://qyapi.weixin.qq.com"}),
        "/cgi-bin/webhook/send",
        "key=",
        signs=False,
        most_bytes=2048,
    ),
    Channel.Kind.DINGTALK: Maker(
        Text("钉钉", "DingTalk"),
        frozenset({"https://oapi.dingtalk.com"}),
        "/robot/send",
        "access_token=",
        signs=True,
        most_bytes=18_000,
    ),
    Channel.Kind.FEISHU: Maker(
        Text("飞书", "Feishu"),
        frozenset({"https://open.feishu.cn", "https://open.larksuite.com"}),
        "/open-apis/bot/v2/hook/",
        "",
        signs=True,
        most_bytes=18_000,
    ),
}


class Refused(Exception):
    """The maker took the message apart and does not want it. The text is what it said, cut short."""


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent: the address with all that belongs to it, and the body."""

    address: str
    body: bytes


def check_address(kind: str, address: str) -> str:
    """Return the host of a bot's address, or refuse one to which this program may not write.

    Only the makers' own addresses are let through, and the origins of ZHIKE_BOT_ORIGINS: an address that people type
    must not lead into the network that the program stands in. It is asked before every message, so that an origin that
    was taken out of the settings is written to no more.
    """
    maker = MAKERS[kind]
    try:
        found = urlsplit(address)
        port = found.port
    except ValueError:
        raise _wrong(kind) from None
    host = (found.hostname or "").casefold()
    if found.username is not None or found.password is not None or not host or not address.isascii():
        raise _wrong(kind)
    origin = f"{found.scheme}://{host}{f':{port}' if port else ''}"
    if origin in maker.origins:
        is_path = found.path == maker.path if maker.query else found.path.startswith(maker.path)
        if not is_path or ".." in found.path or not found.query.startswith(maker.query) or found.fragment:
            raise _wrong(kind)
        return host
    if origin in {one.rstrip("/").casefold() for one in settings.ZHIKE_BOT_ORIGINS} and not found.fragment:
        return host
    raise Invalid(
        f"这不是{maker.label.zh}机器人的地址；别的服务器要先由管理员写进 ZHIKE_BOT_ORIGINS",
        f"this is no address of a bot of {maker.label.en}; another server has to be named in ZHIKE_BOT_ORIGINS first",
        path="address",
    )


def _wrong(kind: str) -> Invalid:
    maker = MAKERS[kind]
    example = f"{min(maker.origins)}{maker.path}{'?' + maker.query if maker.query else ''}…"
    return Invalid(f"地址应是这样：{example}", f"the address should look like {example}", path="address")


def dingtalk_sign(secret: str, milliseconds: int) -> str:
    """Return the signature as it stands in the address."""
    said = f"{milliseconds}\n{secret}"
    return quote_plus(b64encode(digest(secret.encode(), said.encode(), "sha256")))


def feishu_sign(secret: str, seconds: int) -> str:
    """Return the signature as it stands in the body. The secret is part of the key, and nothing is what is signed."""
    return b64encode(digest(f"{seconds}\n{secret}".encode(), b"", "sha256")).decode()


def message(kind: str, address: str, secret: str, text: str, *, seconds: float) -> Message:
    """Return what to send so that a bot says this text; a text that is too long for it is cut."""
    text = fitted(text, MAKERS[kind].most_bytes)
    body: dict[str, object]
    if kind == Channel.Kind.FEISHU:
        body = {"msg_type": "text", "content": {"text": text}}
        if secret:
            body = {"timestamp": str(int(seconds)), "sign": feishu_sign(secret, int(seconds)), **body}
    else:
        body = {"msgtype": "text", "text": {"content": text}}
        if secret and kind == Channel.Kind.DINGTALK:
            milliseconds = int(seconds * 1000)
            address = f"{address}{'&' if '?' in address else '?'}timestamp={milliseconds}&sign={dingtalk_sign(secret, milliseconds)}"
    found = json.dumps(body, ensure_ascii=False).encode()
    assert len(found) <= BODY_MAX, "escaping at most doubles what was cut to fit"
    return Message(address, found)


def fitted(text: str, most: int) -> str:
    """Return as much of a text as fits into so many bytes of UTF-8, with … where it was cut."""
    found = text.encode()
    if len(found) <= most:
        return text
    return found[: most - len("…".encode())].decode(errors="ignore") + "…"


def check_answer(kind: str, answer: bytes) -> None:
    """Raise `Refused` unless the maker says that the message was taken."""
    try:
        said = json.loads(answer)
        assert isinstance(said, dict)
    except (ValueError, AssertionError):
        raise Refused("?") from None
    code, words = (
        said.get(name) for name in (("code", "msg") if kind == Channel.Kind.FEISHU else ("errcode", "errmsg"))
    )
    if kind == Channel.Kind.FEISHU and code is None:  # as it answered before 2021, and Lark in places still does
        code, words = said.get("StatusCode"), said.get("StatusMessage")
    if code != 0:
        raise Refused(f"{code} {words}"[:SAID_MAX])
