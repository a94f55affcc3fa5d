"""Which column of a file is which: `--map customer_id=CustomerID`, else the column of the same name."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, NamedTuple

from zhike.core.text import Text, fold
from zhike.engine.errors import FileError, OptionError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from zhike.engine.files import Table

type Mapped = Mapping[str, str]

# So alike that one letter is wrong, missing, doubled or one too many: `ammount`, but not `store` for `score`.
_SLIP = 0.82


def parse_mapping(pairs: Iterable[str]) -> dict[str, str]:
    """Read `name=Column` pairs. Raises `OptionError`."""
    found: dict[str, str] = {}
    for pair in pairs:
        name, equals, column = (part.strip() for part in pair.partition("="))
        if not (name and equals and column):
            raise OptionError(
                f"--map 应写成 名称=列名（例如 customer_id=CustomerID），这里是 {pair}。",
                f"--map is written name=Column (as in customer_id=CustomerID); found {pair}.",
            )
        if found.get(name, column) != column:
            raise OptionError(
                f"--map 把 {name} 指给了两列：{found[name]} 和 {column}。",
                f"--map gives {name} two columns: {found[name]} and {column}.",
            )
        found[name] = column
    return found


class Use(NamedTuple):
    """What one of the files is read for.

    `names` mean something there. Any other makes a field of the company's own, which stands for itself
    when `own` leads it; where `own` is None nobody would read it.
    """

    table: Table
    names: Sequence[str]
    own: str | None = None


def check_mapping(mapping: Mapped, uses: Sequence[Use]) -> None:
    """Refuse a column that none of the files has, and a name that means nothing or looks like a slip."""
    for name, column in mapping.items():
        holding = [use for use in uses if find(column, use.table.columns) is not None]
        if not holding:
            raise _no_such_column(name, column, [use.table for use in uses])
        if not any(name in use.names for use in uses):
            _check_name(name, column, holding)


def _no_such_column(name: str, column: str, tables: Sequence[Table]) -> OptionError:
    zh, en = _did_you_mean(column, [column for table in tables for column in table.columns])
    names = "、".join(table.path.name for table in tables)
    return OptionError(
        f"--map {name}={column}：{names} 里没有 {column} 这一列。{zh}",
        f"--map {name}={column}: {names} has no column {column}.{en}",
    )


def _check_name(name: str, column: str, holding: Sequence[Use]) -> None:
    known = [name for use in holding for name in use.names]
    owns = [use.own for use in holding if use.own is not None]
    meant = _meant(name, known)
    if any(own and name.startswith(own) for own in owns) or (owns and meant is None):
        return
    zh, en = f"是否指 {meant}？", f" Did you mean {meant}?"
    if meant is None:
        zh, en = f"可用的名称：{'、'.join(known)}。", f" The names are: {', '.join(known)}."
    elif own := max(owns, default=""):
        zh += f"如果是公司自己的字段，请写 {own}{name}={column}。"
        en += f" For a field of your own, write {own}{name}={column}."
    raise OptionError(
        f"--map {name}={column}：没有 {name} 这个名称。{zh}", f"--map {name}={column}: there is no name {name}.{en}"
    )


def _meant(name: str, known: Iterable[str]) -> str | None:
    """Return the known name of which this one looks like a slip; a digit makes it another name, as in phone2."""
    found = {plain(each): each for each in known}
    wanted = plain(name)
    if any(letter.isdigit() for letter in wanted):
        return None
    swapped = [each for each in found if sorted(each) == sorted(wanted)]
    close = swapped or get_close_matches(wanted, list(found), n=1, cutoff=_SLIP)
    return found[close[0]] if close else None


def plain(name: str) -> str:
    """Return the form in which names that people write are alike: `Customer ID` and `customer_id`."""
    return fold(name).replace("_", "").replace(" ", "")


def find(wanted: str, columns: Iterable[str]) -> str | None:
    """Return the column of that name; upper and lower case and width only matter if two differ by them."""
    listed = list(columns)
    if wanted in listed:
        return wanted
    folded = [column for column in listed if fold(column) == fold(wanted)]
    return folded[0] if len(folded) == 1 else None


def columns_for(table: Table, mapping: Mapped, *, known: Iterable[str], required: Iterable[str]) -> dict[str, str]:
    """Return the file's column for each known name that it has. Raises `FileError` for one that it lacks."""
    found: dict[str, str] = {}
    for name in known:
        column = find(mapping.get(name, name), table.columns)
        if column is None and name in mapping:
            column = find(name, table.columns)  # the mapping was meant for the other file
        if column is not None:
            _check_single(table, name, column)
            found[name] = column
    for name in required:
        if name not in found:
            raise _missing(table, name, mapping)
    return found


def _check_single(table: Table, name: str, column: str) -> None:
    """Refuse to choose among columns of one name."""
    others = [new for new, old in table.renamed.items() if old == column]
    if others:
        raise FileError(
            f"有 {len(others) + 1} 列都叫 {column}，不知道该读哪一列。请在文件里给它们不同的名称；"
            f"要读后面的一列，也可以写 --map {name}={others[0]}。",
            f"{len(others) + 1} columns are called {column}, and only one can be read. Give them names of their own in "
            f"the file, or write --map {name}={others[0]} for the later one.",
            path=table.path.name,
        )


def renamed_note(file: str, renamed: Mapping[str, str]) -> Text:
    """Say how columns are called whose name stood there before."""
    zh = "、".join(f"后一个 {old} 读作 {new}" for new, old in renamed.items())
    en = ", ".join(f"the later {old} is read as {new}" for new, old in renamed.items())
    return Text(f"{file} 有同名的列：{zh}", f"{file} has columns of one name: {en}")


def further(table: Table, mapping: Mapped, taken: Iterable[str]) -> dict[str, str]:
    """Return name → column of all other columns of the file, renamed as mapped."""
    used = set(taken)
    names = {find(column, table.columns): name for name, column in mapping.items()}
    return {names.get(column, column): column for column in table.columns if column not in used}


def _missing(table: Table, name: str, mapping: Mapped) -> FileError:
    zh, en = _did_you_mean(name, table.columns)
    listed = "、".join(table.columns[:20])
    slip = get_close_matches(name, list(mapping), n=1, cutoff=0.75)
    if slip:
        zh, en = f"--map 里的 {slip[0]} 是否应为 {name}？", f" Should {slip[0]} in --map be {name}?"
    return FileError(
        f"缺少 {name} 这一列。文件里有：{listed}。请用 --map {name}=列名 指明。{zh}",
        f"there is no column {name}. The file has: {', '.join(table.columns[:20])}. Say which it is by --map {name}=Column.{en}",
        path=table.path.name,
    )


def _did_you_mean(wrong: str, known: Iterable[str]) -> tuple[str, str]:
    found = {plain(name): name for name in known}
    within = [name for name in found.values() if fold(wrong) in fold(name).replace("_", " ").split()]
    if len(within) == 1:
        return f"是否指 {within[0]}？", f" Did you mean {within[0]}?"
    close = get_close_matches(plain(wrong), list(found), n=1, cutoff=0.5)
    if not close:
        return "", ""
    return f"是否指 {found[close[0]]}？", f" Did you mean {found[close[0]]}?"
