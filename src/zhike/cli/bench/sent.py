"""What a browser would send of a form on a page that nobody has filled in anew."""

from __future__ import annotations

from html.parser import HTMLParser


def form_values(page: str, *, holding: str) -> dict[str, list[str]]:
    """Return the values of the form that has a field of the name `holding`, as the page shows them.

    Raises `LookupError` where there is no such form.
    """
    reader = _Reader()
    reader.feed(page)
    for form in reader.forms:
        if holding in form:
            return form
    raise LookupError(holding)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[dict[str, list[str]]] = []
        self._select: str | None = None
        self._choices: list[tuple[str, bool]] = []
        self._area: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        match tag:
            case "form":
                self.forms.append({})
            case "input" if "disabled" not in found:
                self._input(found)
            case "select":
                self._select, self._choices = found.get("name"), []
            case "option" if self._select:
                self._choices.append((found.get("value") or "", "selected" in found))
            case "textarea":
                self._area = found.get("name")
                self._keep(self._area, "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = None
        elif tag == "select":
            chosen = [value for value, is_selected in self._choices if is_selected]
            for value in chosen or [value for value, _ in self._choices[:1]]:
                self._keep(self._select, value)
            self._select = None

    def handle_data(self, data: str) -> None:
        if self._area and self.forms:
            # What follows the opening tag directly is a line break that browsers leave out.
            self.forms[-1][self._area][-1] += data.removeprefix("\n")

    def _input(self, found: dict[str, str | None]) -> None:
        kind = found.get("type") or "text"
        if kind in {"submit", "button", "file", "reset"}:
            return
        if kind not in {"radio", "checkbox"} or "checked" in found:
            self._keep(found.get("name"), found.get("value") or ("on" if kind == "checkbox" else ""))

    def _keep(self, name: str | None, value: str) -> None:
        if name and self.forms:
            self.forms[-1].setdefault(name, []).append(value)
