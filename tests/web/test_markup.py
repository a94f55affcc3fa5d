"""What the browser is given: known icons, no inline code, colours from the style sheet, no dead link."""

from __future__ import annotations

import re

import pytest

from scripts.messages import SOURCE
from zhike.timeline.kinds import KINDS

# A letter has no style sheet: what it looks like stands in its elements.
TEMPLATES = sorted(path for path in SOURCE.rglob("templates/**/*.html") if "letters" not in path.parts)
SHEETS = sorted((SOURCE / "base/static/base/css").glob("*.css"))
STYLE = "".join(sheet.read_text(encoding="utf-8") for sheet in SHEETS)
SCRIPTS = sorted(path for path in SOURCE.rglob("static/**/*.js") if "vendor" not in path.parts)
LISTED = {line for line in (SOURCE / "base/icons.txt").read_text().splitlines() if line and not line.startswith("#")}
ICON = re.compile(r"{% icon \"([^\"]+)\"")


def test_every_icon_is_listed_for_the_build():
    from zhike.packs import load_pack, shipped
    from zhike.web.customer.forms import KIND_ICONS
    from zhike.web.services import METHOD_ICONS

    named = {name for path in TEMPLATES for name in ICON.findall(path.read_text(encoding="utf-8"))}
    kinds = {kind.icon for kind in KINDS.values()}
    classes = {
        icon
        for pack in shipped()
        for scheme in load_pack(pack).schemes
        for icon in (scheme.icon, *(class_.icon for class_ in scheme.classes))
        if icon
    }
    assert named | kinds | classes | set(METHOD_ICONS.values()) | set(KIND_ICONS.values()) <= LISTED


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_templates_hold_no_inline_code_and_no_colour(path):
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"<style|\son\w+=|hx-on|javascript:|js:", text)
    assert not re.search(r"<script(?![^>]*\bsrc=)", text)
    assert not re.search(r"(?:color|background)[^\"]*#[0-9a-f]{3,8}\b", text)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_inline_style_is_data_only(path):
    for style in re.findall(r'style="([^"]*)"', path.read_text(encoding="utf-8")):
        assert re.fullmatch(r"(?:--[\w-]+:\s*{{[^}]*}}(?:%|px)?;?|flex:{{[^}]*}})+", style.replace(" ", "")), style


def test_every_sheet_is_loaded_small_screens_and_paper_last():
    head = (SOURCE / "base/templates/base/document.html").read_text(encoding="utf-8")
    loaded = re.findall(r"base/css/(\w+)\.css", head)
    assert sorted(loaded) == [sheet.stem for sheet in SHEETS]
    assert loaded[-3:] == ["access", "small", "print"]


def test_every_class_of_our_own_has_a_style():
    used = {
        name for path in [*TEMPLATES, *SCRIPTS] for name in re.findall(r"\bzk-[\w-]+", path.read_text(encoding="utf-8"))
    }
    assert {name for name in used if f".{name}" not in STYLE} == set()


def test_no_style_is_left_over():
    texts = "".join(path.read_text(encoding="utf-8") for path in TEMPLATES)
    for path in (*SCRIPTS, SOURCE / "web/customer/forms.py"):
        texts += path.read_text(encoding="utf-8")
    assert {name for name in re.findall(r"\.(zk-[\w-]+)", STYLE) if name not in texts} == set()


@pytest.mark.parametrize("who", ["alice", "bob", "ada"])
def test_no_link_and_no_form_leads_nowhere(people, rules, hotel, signed_in, who):
    client = signed_in(getattr(people, who))
    waiting, seen = ["/"], set()
    while waiting:
        path = waiting.pop()
        if path in seen or len(seen) > 150:
            continue
        seen.add(path)
        response = client.get(path)
        assert response.status_code == 200, path
        if response.streaming:
            continue  # a file
        for link in re.findall(r'(?:href|hx-get)="([^"#]+)', response.text):
            target = link.replace("&amp;", "&")
            if target.startswith("?"):
                target = path.partition("?")[0] + target
            if target.startswith("/") and not target.startswith("/static/"):
                waiting.append(target)
        for action in re.findall(r'(?:action|hx-post)="([^"]+)"', response.text):
            assert client.options(action).status_code in {200, 405}, action
    assert {"/", "/customers/", "/classes/", "/settings/", "/customers/new/", f"/customers/{hotel.pk}/"} <= seen


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/customers/",
        "/customers/{pk}/",
        "/classes/",
        "/classes/value/scorecard/",
        "/classes/value/flow/",
        "/classes/review/",
        "/settings/",
        "/customers/new/",
    ],
)
def test_pages_have_one_heading_landmarks_and_a_way_past_them(alice, hotel, path):
    page = alice.get(path.format(pk=hotel.pk)).text
    assert len(re.findall(r"<h1\b", page)) == 1
    assert page.count("<main") == 1
    assert 'href="#main"' in page
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert sorted(ids) == sorted(set(ids))
