"""Opens files as frames and writes them: the only place that names Polars.

Everything else in the engine is Narwhals on top of what is returned here.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple, cast

import narwhals as nw
import polars as pl

from zhike.core.facts import FieldType

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from narwhals.typing import IntoDataFrame

type Frame = nw.DataFrame[IntoDataFrame]

# A stored file of one row group could be any size; it is read in slices of so many rows.
SLICE = 500_000


class Layout(NamedTuple):
    """A way to write a moment that is read for millions of rows at once."""

    pattern: str
    format: str
    aware: bool = False


_USUAL = "%Y-%m-%d %H:%M:%S"
_DAY, _CLOCK = r"\d{4}-\d\d-\d\d", r"(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d"
LAYOUTS = (
    Layout(_DAY, "%Y-%m-%d"),
    Layout(rf"{_DAY} {_CLOCK}", "%Y-%m-%d %H:%M:%S"),
    Layout(rf"{_DAY}T{_CLOCK}", "%Y-%m-%dT%H:%M:%S"),
    Layout(rf"{_DAY} (?:[01]\d|2[0-3]):[0-5]\d", "%Y-%m-%d %H:%M"),
    Layout(rf"{_DAY} {_CLOCK}\.\d{{1,9}}", "%Y-%m-%d %H:%M:%S%.f"),
    Layout(rf"{_DAY}T{_CLOCK}\.\d{{1,9}}", "%Y-%m-%dT%H:%M:%S%.f"),
    Layout(r"\d{8}", "%Y%m%d"),
    Layout(r"\d{4}/\d\d?/\d\d?", "%Y/%m/%d"),
    Layout(rf"\d{{4}}/\d\d?/\d\d? {_CLOCK}", "%Y/%m/%d %H:%M:%S"),
    Layout(r"\d{4}/\d\d?/\d\d? (?:[01]?\d|2[0-3]):[0-5]\d", "%Y/%m/%d %H:%M"),
    Layout(rf"{_DAY}T{_CLOCK}Z", "%Y-%m-%dT%H:%M:%SZ", aware=True),
    Layout(rf"{_DAY}T{_CLOCK}\.\d{{1,9}}Z", "%Y-%m-%dT%H:%M:%S%.fZ", aware=True),
    Layout(rf"{_DAY}[T ]{_CLOCK}[+-]\d\d:\d\d", "%Y-%m-%dT%H:%M:%S%z", aware=True),
)


def csv_rows(data: bytes, *, separator: str, names: Sequence[str], first_line: int) -> Frame | None:
    """Read rows that are all regular, one a line; `None` where one of them is not.

    No row is too long, else Polars raises; none is too short, else separators would be missing.
    """
    quoted = b'"' in data
    if len(names) < 2 or b"\0" in data or (b"\r" in data and data.count(b"\r") != data.count(b"\r\n")):  # noqa: PLR2004
        return None
    if quoted and not is_regular(data, separator, len(names)):
        return None
    try:
        frame = pl.read_csv(
            data,
            has_header=False,
            new_columns=names,
            separator=separator,
            quote_char='"' if quoted else None,
            infer_schema=False,
        )
    except pl.exceptions.PolarsError:
        return None
    if frame.width != len(names):
        return None
    # A short row has no last cell. Where last cells are empty anyway, the separators are counted.
    separators = frame.height * (len(names) - 1)
    if not quoted and frame[names[-1]].null_count() and data.count(separator.encode()) != separators:
        return None
    return _with_lines(frame, first_line)


def is_regular(data: bytes, separator: str, width: int) -> bool:
    """Say whether each line is a whole row of `width` cells, quotes and all."""
    lines = pl.Series([data.decode()]).str.strip_chars_end("\n").str.split("\n").explode()
    mark = re.escape(separator)
    cell = f'(?:"(?:[^"]|"")*"|[^"{mark}]*)'
    return bool(lines.str.contains(rf"^{cell}(?:{mark}{cell}){{{width - 1}}}\r?$").all())


def _with_lines(frame: pl.DataFrame, first_line: int) -> Frame:
    return _frame(frame.with_columns(pl.int_range(first_line, first_line + pl.len()).alias(LINE)))


# The column that says on which line of its file a row begins.
LINE = "\0line"


def text_rows(columns: Mapping[str, Sequence[str]], lines: Sequence[int]) -> Frame:
    """Make a frame of text columns, empty cells missing, with the lines they come from."""
    frame = pl.DataFrame(
        {name: pl.Series(cells, dtype=pl.String) for name, cells in columns.items()}
        | {LINE: pl.Series(lines, dtype=pl.Int64)}
    )
    return _frame(frame.with_columns(pl.col(pl.String).replace("", None)))


_TYPES: Mapping[FieldType, pl.DataType] = {
    FieldType.TEXT: pl.String(),
    FieldType.CHOICE: pl.String(),
    FieldType.INTEGER: pl.Int64(),
    FieldType.DECIMAL: pl.Int64(),
    FieldType.BOOL: pl.Boolean(),
    FieldType.DATE: pl.Date(),
    FieldType.DATETIME: pl.Datetime("us", "UTC"),
    FieldType.SET: pl.List(pl.String),
}


def typed_columns(columns: Mapping[str, tuple[FieldType, Sequence[object]]], lines: Sequence[int] = ()) -> Frame:
    """Make a frame of typed values; decimals are whole ten-thousandths."""
    made = {name: pl.Series(values, dtype=_TYPES[type_]) for name, (type_, values) in columns.items()}
    if lines:
        made[LINE] = pl.Series(lines, dtype=pl.Int64)
    return _frame(pl.DataFrame(made))


def typed_csv(data: bytes, columns: Mapping[str, FieldType]) -> Frame:
    """Read rows without a heading as a database hands them out; what is empty is missing."""
    types = {name: _TYPES[type_] for name, type_ in columns.items()}
    return _frame(pl.read_csv(data, has_header=False, schema=types) if data else pl.DataFrame(schema=types))


def _frame(frame: pl.DataFrame) -> Frame:
    return cast("Frame", nw.from_native(frame, eager_only=True))


def _native(frame: Frame) -> pl.DataFrame:
    return cast("pl.DataFrame", frame.to_native())


def parquet_names(path: Path) -> tuple[str, ...]:
    return tuple(pl.read_parquet_schema(path))


def parquet_rows(path: Path) -> Iterator[tuple[Frame, float]]:
    """Yield the file's rows as text, slice by slice, with the share of it that is read."""
    scan = pl.scan_parquet(path)
    total = scan.select(pl.len()).collect().item()
    for start in range(0, total, SLICE):
        part = scan.slice(start, SLICE).collect()
        text = part.select([_as_text(pl.col(name), kind) for name, kind in part.schema.items()])
        # There are no lines in such a file: a row is named by its number.
        yield _with_lines(text, start + 1), min(1.0, (start + SLICE) / total)


def _as_text(column: pl.Expr, kind: pl.DataType) -> pl.Expr:
    match kind:
        case pl.Datetime():
            shape = "%Y-%m-%dT%H:%M:%S%.6f" + ("%:z" if kind.time_zone else "")
            return column.dt.strftime(shape)
        case pl.List():
            return column.cast(pl.List(pl.String)).list.join("|")
        case pl.Boolean():
            return pl.when(column).then(pl.lit("true")).when(~column).then(pl.lit("false"))
        case pl.Float32() | pl.Float64():
            text = column.cast(pl.String).str.strip_suffix(".0")
            return pl.when(column.is_not_nan()).then(text)
        case pl.Struct() | pl.Binary() | pl.Array():
            return pl.lit(None, pl.String).alias(column.meta.output_name())
        case _:
            return column.cast(pl.String).replace("", None)


def layout_of(samples: Sequence[str]) -> Layout | None:
    """Return the layout in which a sample is written."""
    for sample in samples:
        for layout in LAYOUTS:
            if re.fullmatch(layout.pattern, sample, re.ASCII):
                return layout
    return None


def moments(frame: Frame, column: str, zone: ZoneInfo, *, instants: bool = False) -> Frame:
    """Add `day`, the local calendar day, where the commonest layout of the rows reads it.

    With `instants` also `occurred_at` in UTC; both are missing where a row needs a closer look.
    """
    native = _native(frame)
    layout = layout_of(native[column].drop_nulls().head(20).to_list())
    empty = [pl.lit(None, pl.Date).alias("day")]
    if instants:
        empty.append(pl.lit(None, pl.Datetime("us", "UTC")).alias("occurred_at"))
    if layout is None:
        return _frame(native.with_columns(empty))
    fits = pl.col(column).str.contains(f"^{layout.pattern}$")
    if layout.format == _USUAL:
        # By far the commonest: its length and the reading itself leave only leap seconds to exclude.
        fits = (pl.col(column).str.len_bytes() == 19) & ~pl.col(column).str.ends_with(":60")  # noqa: PLR2004
    return _frame(native.with_columns(_read_moments(pl.col(column), fits, layout, zone, instants=instants)))


def _read_moments(text: pl.Expr, fits: pl.Expr, layout: Layout, zone: ZoneInfo, *, instants: bool) -> list[pl.Expr]:
    day, instant = _day_and_instant(text, layout, zone)
    # Choosing among days is cheaper than choosing among texts before they are read.
    columns = [pl.when(fits).then(day).alias("day")]
    return [*columns, pl.when(fits).then(instant).alias("occurred_at")] if instants else columns


def _day_and_instant(text: pl.Expr, layout: Layout, zone: ZoneInfo) -> tuple[pl.Expr, pl.Expr]:
    if layout.aware:
        utc = _aware(text, layout)
        return utc.dt.convert_time_zone(zone.key).dt.date(), utc
    if "%H" not in layout.format:
        day = text.str.to_date(layout.format, strict=False)
        return day, _to_utc(day.cast(pl.Datetime("us")), zone)
    # Times of day seldom come twice: to look each up among those already read costs more than to read it.
    local = text.str.to_datetime(layout.format, strict=False, time_unit="us", cache=False)
    return local.dt.date(), _to_utc(local, zone)


def _aware(text: pl.Expr, layout: Layout) -> pl.Expr:
    if layout.format.endswith("%z"):
        joined = text.str.replace(" ", "T", literal=True)
        return joined.str.to_datetime(layout.format, strict=False, time_zone="UTC", time_unit="us")
    return text.str.to_datetime(layout.format, strict=False, time_unit="us").dt.replace_time_zone("UTC")


def _to_utc(local: pl.Expr, zone: ZoneInfo) -> pl.Expr:
    """Missing where a clock change skips the time; of two equal times, the earlier."""
    aware = local.dt.replace_time_zone(zone.key, ambiguous="earliest", non_existent="null")
    return aware.dt.convert_time_zone("UTC")


def whole_numbers(frame: Frame, column: str, digits: int, *, into: str) -> Frame:
    """Add the number times 10^digits as an integer, exactly, where it is written plainly."""
    fraction = rf"(\.\d{{1,{digits}}})?" if digits else ""
    plain = pl.col(column).str.contains(rf"^-?\d{{1,12}}{fraction}$")
    exact = pl.col(column).cast(pl.Decimal(20, digits) if digits else pl.Int64, strict=False)
    # A decimal of so many digits is stored as just the whole number that is wanted.
    whole = exact.to_physical().cast(pl.Int64, strict=False) if digits else exact
    return _frame(_native(frame).with_columns(pl.when(plain).then(whole).alias(into)))


def replace_columns(frame: Frame, columns: Mapping[str, Sequence[object]]) -> Frame:
    """Put other values of the same types into columns."""
    native = _native(frame)
    return _frame(native.with_columns([pl.Series(n, v, dtype=native.schema[n]) for n, v in columns.items()]))


def keys(column: nw.Expr) -> nw.Expr:
    """Cast text of which few values repeat often."""
    return column.cast(nw.Categorical)


def write_csv(frame: Frame, path: Path) -> None:
    """Write CSV for programs, without a mark; for people there is the workbook."""
    _native(frame).write_csv(path)


def csv_bytes(frame: Frame) -> bytes:
    """Return the rows as CSV without a heading, as a database takes them in; what is missing is empty."""
    return _native(frame).write_csv(include_header=False).encode()


def with_json(frame: Frame, columns: Sequence[str], *, into: str) -> Frame:
    """Add a JSON object of some columns: days as ISO, what is missing as null."""
    return _frame(_native(frame).with_columns(pl.struct(columns).struct.json_encode().alias(into)))


def write_parquet(frame: Frame, path: Path) -> None:
    _native(frame).write_parquet(path)


def missing(type_: FieldType) -> nw.Expr:
    """Return a column of missing values; a set is never missing, only empty."""
    if type_ is FieldType.SET:
        return nw.lit([], nw.List(nw.String))
    dtypes: dict[FieldType, nw.dtypes.DType | type[nw.dtypes.DType]] = {
        FieldType.BOOL: nw.Boolean,
        FieldType.DATE: nw.Date,
        FieldType.DATETIME: nw.Datetime("us", "UTC"),
        FieldType.INTEGER: nw.Int64,
        FieldType.DECIMAL: nw.Int64,
    }
    return nw.lit(None, cast("nw.dtypes.DType", dtypes.get(type_, nw.String)))


def collect(lazy: nw.LazyFrame[pl.LazyFrame]) -> Frame:
    """Compute in passes over small parts, which keeps long logs out of memory."""
    return _frame(lazy.to_native().collect(engine="streaming"))


def translated(frame: Frame, column: str, values: Sequence[object], words: Sequence[str], *, into: str) -> Frame:
    """Add the word that belongs to each value of a column."""
    native = _native(frame)
    table = pl.DataFrame(
        {column: pl.Series(values, dtype=native.schema[column]), into: pl.Series(words, dtype=pl.String)}
    )
    return _frame(native.join(table, on=column, how="left", maintain_order="left"))


def numbered(events: Frame) -> Frame:
    """Put in place of the text key `customer` the number under which it is kept."""
    return _frame(_native(events).with_columns(pl.col("customer").to_physical()))


def with_ids(numbers: Frame, events: Frame) -> Frame:
    """Add the text (`id`) behind each number of `customer` that `numbered` gave to these events."""
    kept = _native(events).schema["customer"]
    return _frame(_native(numbers).with_columns(pl.col("customer").cat.to(kept).cast(pl.String).alias("id")))
