"""`zhike pack`: the rules by which customers are classified, shipped, one's own, and as they are now.

Where a pack is asked for, a shipped name, a file, `installed` (the rules in force) or `original` (the pack
as it was put in force) will do.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from pathlib import Path  # noqa: TC003  Typer reads the annotations
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, cast

import typer

from zhike.cli.language import language, say
from zhike.cli.session import installation
from zhike.core.errors import PackError, ZhikeError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from zhike.core.facts import Field
    from zhike.core.pack_diff import Difference
    from zhike.core.pack_merge import Conflict, Word
    from zhike.core.pack_words import Side
    from zhike.core.packs import Pack
    from zhike.core.text import Text

app = typer.Typer()

INSTALLED, ORIGINAL = "installed", "original"
DIFFERENT = 1
SIGNS = {"added": "+", "removed": "-", "changed": "~", "moved": "↕"}

_WHICH = say(
    "自带分类包的名称、文件，或 installed（现在的规则）、original（装上时的原样）。",
    "A shipped pack's name, a file, or installed (the rules in force) or original (as it was put in force).",
)
_JSON = typer.Option("--json", help=say("输出一个 JSON 对象。", "Print one JSON object."))


class Unsettled(ZhikeError):
    """A merge in which both sides changed the same."""

    code = "unsettled"
    status = 409
    exit_code = DIFFERENT


@app.callback(
    help=say("查看、启用、导出、比较和合并分类包。", "See, put in force, export, compare and merge rule packs.")
)
def group() -> None:
    pass


@app.command("list", help=say("列出自带的分类包。", "List the packs that ship with Zhike."))
def list_() -> None:
    from zhike.packs import load_pack, shipped  # noqa: PLC0415

    for name in shipped():
        pack = load_pack(name)
        labels = say("、", ", ").join(scheme.label.get(language()) for scheme in pack.schemes)
        typer.echo(f"{name}  {_said(pack.label)}  {labels}")


@app.command(
    help=say(
        "显示一个分类包：字段、维度、每个类别的条件和服务约定、计划模板。",
        "Show a pack: its fields, its dimensions, every class with its condition and service policy, plan templates.",
    )
)
def show(pack: Annotated[str, typer.Argument(metavar="PACK", help=_WHICH)]) -> None:
    with _reading(pack) as (given,):
        typer.echo("\n".join(_shown(given.pack, given.side)))


@app.command(
    help=say(
        "启用一个分类包，并按它重新判定所有客户。",
        "Put a pack in force and place all customers by it.",
    )
)
def install(
    pack: Annotated[str, typer.Argument(help=say("自带分类包的名称，或文件。", "A shipped pack's name, or a file."))],
    *,
    base: Annotated[
        str,
        typer.Option(
            metavar="PACK",
            help=say(
                "合并得来的分类包：合并进来的那一版，以后的新版从它比起。",
                "For a pack that was merged: the edition that was merged in, which later ones are compared with.",
            ),
        ),
    ] = "",
) -> None:
    from zhike.packs import load_data  # noqa: PLC0415

    for name in filter(None, (pack, base)):
        load_data(name)  # a file that cannot be read is refused before anything starts
    with installation():
        from zhike.classification.actions.packs import install_pack  # noqa: PLC0415
        from zhike.customers.models import Customer  # noqa: PLC0415

        found = install_pack(pack=pack, by=None, base=base or None)
        customers = Customer.present.count()
    typer.echo(
        say(
            f"{found.label.zh} 已启用：{len(found.schemes)} 个维度，{customers} 位客户已重新判定。",
            f"{found.label.en} is in force: {len(found.schemes)} dimensions, {customers} customers placed.",
        )
    )


@app.command(help=say("把现在的规则写成一个分类包。", "Write the rules in force as a pack."))
def export(
    *,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help=say("写到这个文件，默认打印出来。", "The file to write; printed if not given.")
        ),
    ] = None,
) -> None:
    with _reading(INSTALLED) as (given,):
        _write(given.data, out)


@app.command(
    help=say(
        "比较两个分类包：维度、类别、条件、服务约定、字段和计划模板。有不同则退出码为 1。",
        "Compare two packs: dimensions, classes, conditions, service policies, fields, plan templates. "
        "Exit code 1 when they differ.",
    )
)
def diff(
    old: Annotated[str, typer.Argument(metavar="A", help=_WHICH)],
    new: Annotated[str, typer.Argument(metavar="B", help=_WHICH)],
    *,
    as_json: Annotated[bool, _JSON] = False,
) -> None:
    from zhike.core.pack_diff import differences  # noqa: PLC0415

    with _reading(old, new) as (one, other):
        found = differences(one.side, other.side)
        if as_json:
            sides = {"a": one.named(), "b": other.named()}
            typer.echo(json.dumps(sides | {"differences": [_as_json(d) for d in found]}, ensure_ascii=False))
        else:
            typer.echo("\n".join(_told(found, one.title(), other.title())))
    if found:
        raise typer.Exit(DIFFERENT)


@app.command(
    help=say(
        "三方合并：把 BASE 到 THEIRS 的变化并进 OURS。两边改了同一处的列出来，不写文件，除非用 --ours 或 --theirs 决定。",
        "Merge what changed from BASE to THEIRS into OURS. What both changed is listed and nothing written, "
        "unless --ours or --theirs decides.",
    )
)
def merge(
    base: Annotated[str, typer.Argument(metavar="BASE", help=_WHICH)],
    theirs: Annotated[str, typer.Argument(metavar="THEIRS", help=_WHICH)],
    ours: Annotated[str, typer.Argument(metavar="OURS", help=_WHICH)] = INSTALLED,
    *,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help=say("写到这个文件，默认打印出来。", "The file to write; printed if not given.")
        ),
    ] = None,
    keep_ours: Annotated[
        bool, typer.Option("--ours", help=say("冲突处用 OURS 的。", "Take OURS where both changed."))
    ] = False,
    keep_theirs: Annotated[
        bool, typer.Option("--theirs", help=say("冲突处用 THEIRS 的。", "Take THEIRS where both changed."))
    ] = False,
) -> None:
    from zhike.core.pack_merge import merge as merged  # noqa: PLC0415
    from zhike.core.pack_tree import data_of  # noqa: PLC0415
    from zhike.core.packs import parse_pack  # noqa: PLC0415

    if keep_ours and keep_theirs:
        raise PackError("--ours 和 --theirs 只能选一个。", "choose one of --ours and --theirs.")
    word: Word = "ours" if keep_ours else "theirs" if keep_theirs else ""
    with _reading(base, theirs, ours) as (old, new, own):
        found = merged(old.side, new.side, own.side, word=word)
        if found.conflicts:
            typer.echo("\n".join(_conflict(conflict) for conflict in found.conflicts))
            many = len(found.conflicts)
            raise Unsettled(
                f"{many} 处两边都改了，什么都没有写。用 --ours 或 --theirs 决定，或者先改其中一边。",
                f"Both sides changed {many} {'place' if many == 1 else 'places'}; nothing was written. "
                "Decide by --ours or --theirs, or change one side first.",
            )
        data = data_of(found.tree, key=new.pack.key, version=new.pack.version)
        parse_pack(data, own.company)  # what is merged must still be a pack
        _write(data, out)
    if out:
        typer.echo(
            say(
                f"启用：zhike pack install {out} --base {theirs}",
                f"To put it in force: zhike pack install {out} --base {theirs}",
            ),
            err=True,
        )


class _Given(NamedTuple):
    """A pack that was named on the command line: its data, read, and ready to be compared.

    `company` are the company's own fields, where the installation was opened.
    """

    name: str
    data: Mapping[str, Any]
    pack: Pack
    side: Side
    company: Sequence[Field] = ()

    def named(self) -> dict[str, object]:
        return {"name": self.name, "pack": self.pack.key, "version": self.pack.version}

    def title(self) -> str:
        own = say("现在的规则，", "the rules in force, ") if self.name == INSTALLED else ""
        return f"{own}{self.pack.key} v{self.pack.version}"


@contextmanager
def _reading(*names: str) -> Iterator[list[_Given]]:
    """Read packs. The installation is opened only when one of them is in it."""
    from zhike.core.pack_tree import tree_of  # noqa: PLC0415
    from zhike.core.pack_words import Side  # noqa: PLC0415
    from zhike.core.packs import parse_pack  # noqa: PLC0415
    from zhike.packs import load_data  # noqa: PLC0415

    if {INSTALLED, ORIGINAL}.isdisjoint(names):
        packs = [(name, cast("Mapping[str, Any]", load_data(name))) for name in names]
        read = [(name, data, parse_pack(data)) for name, data in packs]
        yield [_Given(name, data, pack, Side(tree_of(data), pack.fieldset())) for name, data, pack in read]
        return
    with installation():
        from zhike.classification.packs import side_of  # noqa: PLC0415
        from zhike.customers.facts import custom_fields  # noqa: PLC0415

        given = [(name, _data(name)) for name in names]
        own = custom_fields()
        yield [_Given(name, data, parse_pack(data, own), side_of(data), own) for name, data in given]


def _data(name: str) -> Mapping[str, Any]:
    from zhike.classification.packs import original_pack, present_pack  # noqa: PLC0415
    from zhike.packs import load_data  # noqa: PLC0415

    if name == INSTALLED:
        return present_pack()
    if name != ORIGINAL:
        return cast("Mapping[str, Any]", load_data(name))
    found = original_pack()
    if found is None:
        raise PackError(
            "没有记下装上的是哪一版分类包，请给出文件或自带的名称。",
            "which edition was put in force is not known; name a file or a shipped pack.",
        )
    return cast("Mapping[str, Any]", found.data)


def _write(data: Mapping[str, Any], out: Path | None) -> None:
    from zhike.packs.writing import write_yaml  # noqa: PLC0415

    text = write_yaml(data)
    if out is None:
        typer.echo(text, nl=False)
        return
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise PackError(f"写不了 {out}：{error.strerror}。", f"cannot write {out}: {error.strerror}.") from error
    typer.echo(say(f"已写入 {out}", f"Wrote {out}"), err=True)


def _said(text: Text) -> str:
    return text.get(language())


def _shown(pack: Pack, side: Side) -> Iterator[str]:
    from zhike.core.pack_words import place_name  # noqa: PLC0415

    yield (
        f"{_said(pack.label)}（{pack.key} v{pack.version}）"
        if language() == "zh"
        else f"{_said(pack.label)} ({pack.key} v{pack.version})"
    )
    if _said(pack.description):
        yield _said(pack.description)
    if pack.fields:
        yield f"\n{say('自定义字段', 'Fields')}"
        for field in pack.fields:
            name = field.key.removeprefix("custom.")
            yield f"  {name:<16} {_said(side.tell(('fields', name)))}"
    for scheme in pack.schemes:
        path = ("dimensions", scheme.dimension)
        yield f"\n{_said(scheme.label)}  {scheme.dimension}"
        for class_ in scheme.classes:
            place = (*path, "default") if class_ is scheme.default else (*path, "classes", class_.key)
            when = say("其余", "the rest") if class_.when is None else _said(side.tell((*place, "when")))
            yield f"  {_said(class_.label)}  {class_.key}"
            yield f"    {when}"
            service = side.at((*place, "service")) or {}
            for key in service:
                where = (*place, "service", key)
                yield f"    {_said(place_name(where[-1:]))}{say('：', ': ')}{_said(side.tell(where))}"
    if pack.plans:
        yield f"\n{say('计划模板', 'Plan templates')}"
        for template in pack.plans:
            where = ("plans", template.key)
            yield f"  {_said(template.name)}  {template.key}"
            for name in ("starts", "steps"):
                yield f"    {_said(place_name((name,)))}{say('：', ': ')}{_said(side.tell((*where, name)))}"


def _told(found: list[Difference], one: str, other: str) -> Iterator[str]:
    if not found:
        yield say(f"{one} 与 {other} 没有不同。", f"{one} and {other} do not differ.")
        return
    yield f"{one} → {other}"
    for difference in found:
        yield f"{SIGNS[difference.kind]} {_said(difference.name)}"
        if difference.kind != "added":
            yield f"    - {_said(difference.old)}"
        if difference.kind != "removed":
            yield f"    + {_said(difference.new)}"


def _as_json(difference: Difference) -> dict[str, object]:
    texts = {"name": difference.name, "old": difference.old, "new": difference.new}
    return {"path": difference.path, "kind": difference.kind} | {k: t._asdict() for k, t in texts.items()}


def _conflict(conflict: Conflict) -> str:
    sides = [("BASE", conflict.base), ("THEIRS", conflict.theirs), ("OURS", conflict.ours)]
    lines = [f"! {_said(conflict.name)}  {conflict.path}"]
    return "\n".join([*lines, *(f"    {name:<7} {_said(text)}" for name, text in sides)])
