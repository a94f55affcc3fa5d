"""`zhike pack`: the rules by which customers are classified."""

from __future__ import annotations

from typing import Annotated

import typer

from zhike.cli.language import language, say
from zhike.cli.session import installation

app = typer.Typer()


@app.callback(help=say("查看和启用分类包。", "See rule packs and put one in force."))
def group() -> None:
    pass


@app.command("list", help=say("列出自带的分类包。", "List the packs that ship with Zhike."))
def list_() -> None:
    from zhike.packs import load_pack, shipped  # noqa: PLC0415

    for name in shipped():
        pack = load_pack(name)
        labels = "、".join(scheme.label.get(language()) for scheme in pack.schemes)
        typer.echo(f"{name}  {pack.label.get(language())}  {labels}")


@app.command(
    help=say(
        "启用一个分类包，并按它重新判定所有客户。",
        "Put a pack in force and place all customers by it.",
    )
)
def install(
    pack: Annotated[str, typer.Argument(help=say("自带分类包的名称，或文件。", "A shipped pack's name, or a file."))],
) -> None:
    from zhike.packs import load_data  # noqa: PLC0415

    load_data(pack)  # a file that cannot be read is refused before anything starts
    with installation():
        from zhike.classification.actions.packs import install_pack  # noqa: PLC0415
        from zhike.customers.models import Customer  # noqa: PLC0415

        found = install_pack(pack=pack, by=None)
        customers = Customer.objects.count()
    typer.echo(
        say(
            f"{found.label.zh} 已启用：{len(found.schemes)} 个维度，{customers} 位客户已重新判定。",
            f"{found.label.en} is in force: {len(found.schemes)} dimensions, {customers} customers placed.",
        )
    )
