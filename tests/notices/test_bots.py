"""What the makers of bots ask for: signatures as OpenSSL computes them, addresses, bodies, answers; and the network."""

from __future__ import annotations

import json
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from time import monotonic, sleep

import pytest

from zhike.base.inputs import Invalid
from zhike.notices import posting
from zhike.notices.bots import (
    BODY_MAX,
    Message,
    Refused,
    check_address,
    check_answer,
    dingtalk_sign,
    feishu_sign,
    fitted,
    message,
)
from zhike.notices.posting import Failed, post

WECOM = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693a91f6-7xxx"
DINGTALK = "https://oapi.dingtalk.com/robot/send?access_token=XXXXXX"
FEISHU = "https://open.feishu.cn/open-apis/bot/v2/hook/xxxx-yyyy"


def test_signatures_are_what_openssl_computes():
    """printf '%s\\n%s' T S | openssl dgst -sha256 -hmac S -binary | openssl base64; and nothing, with that as the key."""
    assert dingtalk_sign("SEC0123456789abcdef", 1577262236757) == "Pgr6tpIpjVrMPPJUPkaI9sivFPPTYOy5zIOMF2GPFMA%3D"
    assert feishu_sign("demo", 1599360473) == "l1N0gAcBjdwBvGm1xMjOF0XSyaLRpR7tuO5dHfhAYc8="


def test_each_maker_gets_its_own_shape():
    wecom = message("wecom", WECOM, "", "甲", seconds=1599360473.5)
    assert (wecom.address, json.loads(wecom.body)) == (WECOM, {"msgtype": "text", "text": {"content": "甲"}})
    ding = message("dingtalk", DINGTALK, "SEC0123456789abcdef", "甲", seconds=1577262236.757)
    sign = "Pgr6tpIpjVrMPPJUPkaI9sivFPPTYOy5zIOMF2GPFMA%3D"
    assert ding.address == f"{DINGTALK}&timestamp=1577262236757&sign={sign}"
    assert json.loads(ding.body) == {"msgtype": "text", "text": {"content": "甲"}}
    feishu = message("feishu", FEISHU, "demo", "甲", seconds=1599360473.9)
    assert feishu.address == FEISHU
    assert json.loads(feishu.body) == {
        "timestamp": "1599360473",
        "sign": "l1N0gAcBjdwBvGm1xMjOF0XSyaLRpR7tuO5dHfhAYc8=",
        "msg_type": "text",
        "content": {"text": "甲"},
    }
    assert message("dingtalk", DINGTALK, "", "甲", seconds=1).address == DINGTALK
    assert set(json.loads(message("feishu", FEISHU, "", "甲", seconds=1).body)) == {"msg_type", "content"}


def test_a_text_is_cut_to_what_the_maker_takes():
    assert fitted("甲" * 3, 9) == "甲甲甲"
    assert fitted("甲" * 4, 9) == "甲甲…"
    assert fitted("a甲甲甲", 9) == "a甲…"
    for kind, address, most in (("wecom", WECOM, 2048), ("dingtalk", DINGTALK, 18_000), ("feishu", FEISHU, 18_000)):
        body = message(kind, address, "", '"\n甲' * 30_000, seconds=1).body
        said = json.loads(body)
        assert len((said.get("text") or said["content"])["content" if "text" in said else "text"].encode()) <= most
        assert len(body) <= BODY_MAX


@pytest.mark.parametrize(
    ("kind", "address", "host"),
    [
        ("wecom", WECOM, "qyapi.weixin.qq.com"),
        ("wecom", WECOM.replace("qyapi", "QYAPI"), "qyapi.weixin.qq.com"),
        ("dingtalk", DINGTALK, "oapi.dingtalk.com"),
        ("feishu", FEISHU, "open.feishu.cn"),
        ("feishu", FEISHU.replace("feishu.cn", "larksuite.com"), "open.larksuite.com"),
        ("feishu", "http://bots.example.com:8080/any?a=b", "bots.example.com"),
    ],
)
def test_addresses_of_bots_are_taken(kind, address, host, settings):
    settings.ZHIKE_BOT_ORIGINS = ["http://bots.example.com:8080/"]
    assert check_address(kind, address) == host


@pytest.mark.parametrize(
    "address",
    [
        "",
        "qyapi.weixin.qq.com",
        "http://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=a",
        "https://qyapi.weixin.qq.com:8443/cgi-bin/webhook/send?key=a",
        "https://qyapi.weixin.qq.com/cgi-bin/user/delete?key=a",
        "https://qyapi.weixin.qq.com/cgi-bin/webhook/send/../../user?key=a",
        "https://qyapi.weixin.qq.com/cgi-bin/webhook/send",
        "https://qyapi.weixin.qq.com@10.0.0.1/cgi-bin/webhook/send?key=a",
        "https://a:b@qyapi.weixin.qq.com/cgi-bin/webhook/send?key=a",
        "https://qyapi.weixin.qq.com.example.com/cgi-bin/webhook/send?key=a",
        "https://qyapi.weixin.qq.com\\@10.0.0.1/cgi-bin/webhook/send?key=a",
        "https://qyapi.weixin.qq.com:x/cgi-bin/webhook/send?key=a",
        "https://ｑyapi.weixin.qq.com/cgi-bin/webhook/send?key=a",
        "https://127.0.0.1/cgi-bin/webhook/send?key=a",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]/",
        "file:///etc/passwd",
        "https://bots.example.com:8080/any",
        DINGTALK,
        FEISHU,
    ],
)
def test_an_address_that_leads_elsewhere_is_refused(address, settings):
    settings.ZHIKE_BOT_ORIGINS = ["http://bots.example.com:8080"]
    with pytest.raises(Invalid):
        check_address("wecom", address)


@pytest.mark.parametrize(
    ("kind", "answer", "said"),
    [
        ("wecom", '{"errcode":0,"errmsg":"ok"}', ""),
        ("wecom", '{"errcode":93000,"errmsg":"invalid webhook url"}', "93000 invalid webhook url"),
        ("dingtalk", '{"errcode":310000,"errmsg":"sign not match"}', "310000 sign not match"),
        ("feishu", '{"code":0,"msg":"success","data":{}}', ""),
        ("feishu", '{"StatusCode":0,"StatusMessage":"success"}', ""),
        ("feishu", '{"code":19021,"msg":"sign match fail"}', "19021 sign match fail"),
        ("feishu", "{}", "None None"),
        ("wecom", "<html>", "?"),
        ("wecom", "[]", "?"),
    ],
)
def test_two_hundred_is_not_enough(kind, answer, said):
    if not said:
        check_answer(kind, answer.encode())
        return
    with pytest.raises(Refused) as refused:
        check_answer(kind, answer.encode())
    assert str(refused.value) == said


class Server(BaseHTTPRequestHandler):
    """Answers as its path asks for."""

    seen: list[str]

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.seen.append((self.path, body))
        what = self.path.strip("/")
        if what == "drip":
            self.send_response(200)
            self.end_headers()
            with suppress(OSError):  # the other side has had enough
                for _ in range(400):
                    self.wfile.write(b" ")
                    self.wfile.flush()
                    sleep(0.05)
            return
        self.send_response({"long": 200}.get(what) or int(what))
        self.send_header("Location", "/200")
        self.end_headers()
        self.wfile.write(b"x" * (BODY_MAX + 1) if what == "long" else b"{}")

    def log_message(self, *_):
        pass


@contextmanager
def serving():
    server = HTTPServer(("127.0.0.1", 0), Server)
    server.seen = []
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server, f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize(
    ("what", "reason", "is_gone"),
    [
        ("302", "HTTP 302", False),
        ("308", "HTTP 308", False),
        ("404", "HTTP 404", False),
        ("410", "HTTP 410", True),
        ("500", "HTTP 500", False),
        ("long", "answer > 64 KB", False),
        ("drip", "timeout 15 s", False),
    ],
)
def test_whatever_is_not_a_short_yes_fails_and_nothing_is_followed(what, reason, is_gone, monkeypatch):
    with serving() as (server, origin):
        assert post(Message(f"{origin}/200", b"a")) == b"{}"
        if what == "drip":  # every byte of it comes in time
            monkeypatch.setattr(posting, "SECONDS_IN_ALL", 1)
        begun = monotonic()
        with pytest.raises(Failed) as failed:
            post(Message(f"{origin}/{what}", b"a"))
        assert monotonic() - begun < 15
        assert (str(failed.value), failed.value.is_gone) == (reason, is_gone)
        assert server.seen == [("/200", b"a"), (f"/{what}", b"a")]


def test_what_went_wrong_is_told_without_the_address():
    with pytest.raises(Failed) as failed:
        post(Message("http://127.0.0.1:1/secret", b"a"))
    assert str(failed.value) == "ConnectError"
