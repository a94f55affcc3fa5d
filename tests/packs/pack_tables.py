"""The tables of docs/packs.md, written from the packs themselves.

`python -m tests.packs.pack_tables` prints them, to be pasted when a pack has changed.
"""

from __future__ import annotations

from zhike.core.conditions.describe import describe
from zhike.packs import load_pack, shipped


def table(pack):
    fields = pack.fieldset()
    lines = ["| 维度 | 类别 | 名称 | English | 条件 | 联系周期 |", "|---|---|---|---|---|---|"]
    for scheme in pack.schemes:
        for class_ in scheme.classes:
            when = describe(class_.when, "zh", fields) if class_.when is not None else "其余"
            days = class_.service.cadence_days
            lines.append(
                f"| {scheme.label.zh} `{scheme.dimension}` | `{class_.key}` | {class_.label.zh} | {class_.label.en} "
                f"| {when} | {f'{days} 天' if days else '—'} |"
            )
    return "\n".join(lines)


def fields_table(pack):
    lines = ["| 字段 | 名称 | English | 类型 | 选项 |", "|---|---|---|---|---|"]
    for field in pack.fields:
        choices = "、".join(f"`{key}` {label.zh}" for key, label in (field.choices or {}).items())
        lines.append(f"| `{field.key}` | {field.label.zh} | {field.label.en} | {field.type} | {choices or '—'} |")
    return "\n".join(lines)


if __name__ == "__main__":
    for name in shipped():
        pack = load_pack(name)
        print(f"\n{name}\n\n{fields_table(pack) if pack.fields else ''}\n\n{table(pack)}")  # noqa: T201
