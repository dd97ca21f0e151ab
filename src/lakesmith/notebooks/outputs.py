"""What a cell shows: text it printed, a value, or a frame as a table of at most a thousand rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any, Literal

from lakesmith.summary import aligned
from lakesmith.wording import printable, shortened

if TYPE_CHECKING:
    import pandas as pd
    from pyspark.sql import DataFrame

Kind = Literal["stdout", "display", "value", "error"]
MOST_ROWS, MOST_TEXT_ROWS, LONGEST = 1_000, 20, 200
NUMBERS = ("tinyint", "smallint", "int", "bigint", "float", "double", "decimal")


@dataclass(frozen=True)
class Output:
    """One thing that a cell showed, as text and, where it has such a face, as HTML."""

    kind: Kind
    text: str
    html: str = ""


def shown(value: object, kind: Kind) -> Output:
    """Any value: by its own `_repr_html_` where it gives one, and by its `repr`."""
    html = getattr(value, "_repr_html_", None)
    return Output(kind, repr(value), (html() if callable(html) and not isinstance(value, type) else None) or "")


def displayed(value: object) -> Output:
    """What `display(value)` shows: a Spark or pandas frame as a table, anything else as `shown`."""
    import pandas as pd
    from pyspark.sql import DataFrame

    if isinstance(value, DataFrame):
        return table_of_spark(value)
    if isinstance(value, pd.DataFrame):
        return table_of_pandas(value)
    return shown(value, "display")


def table_of_spark(frame: DataFrame) -> Output:
    """The first thousand rows with the types of their columns; one Spark action."""
    from pyspark.sql import functions as F

    types = [each.dataType.simpleString() for each in frame.schema.fields]
    # By position: names may be there twice. Times as text: Python would tell them in the zone of this machine.
    numbered = frame.toDF(*[f"c{i}" for i in range(len(types))])
    columns = [
        F.col(f"c{i}").cast("string") if each.startswith(("timestamp", "interval")) else F.col(f"c{i}")
        for i, each in enumerate(types)
    ]
    rows = numbered.select(*columns).limit(MOST_ROWS + 1).collect()
    return _table(frame.columns, types, [list(row) for row in rows])


def table_of_pandas(frame: pd.DataFrame) -> Output:
    """The first thousand rows with the types of their columns, without the index, as on Databricks."""
    import pandas as pd

    names = {"int64": "bigint", "int32": "int", "float64": "double", "bool": "boolean", "object": "string"}
    rows = frame.head(MOST_ROWS + 1).itertuples(index=False, name=None)
    told = [[None if pd.api.types.is_scalar(cell) and pd.isna(cell) else cell for cell in row] for row in rows]
    return _table([str(each) for each in frame.columns], [names.get(str(each), str(each)) for each in frame.dtypes],
                  told)  # fmt: skip


def _table(names: Sequence[str], types: Sequence[str], rows: list[list[Any]]) -> Output:
    """A table as text and as HTML; `rows` may hold one more than is shown."""
    cells = [[None if cell is None else _told(cell) for cell in row] for row in rows[:MOST_ROWS]]
    note = _note(len(rows))
    right = [i for i, each in enumerate(types) if each.partition("(")[0] in NUMBERS]
    heads = "".join(
        f"<th{_side(i in right)}>{_safe(name)}<br><small>{_safe(each)}</small></th>"
        for i, (name, each) in enumerate(zip(names, types, strict=True))
    )
    body = "".join(f"<tr>{''.join(_cell(cell, i in right) for i, cell in enumerate(row))}</tr>" for row in cells)
    table = f'<table class="frame"><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>'
    html = f'<div style="max-height:520px;overflow:auto">{table}</div>'
    lines = [names, *[["null" if cell is None else cell for cell in row] for row in cells[:MOST_TEXT_ROWS]]]
    more = [f"… {len(cells) - MOST_TEXT_ROWS:,} rows more"] if len(cells) > MOST_TEXT_ROWS else []
    return Output("display", "\n".join([*aligned(lines, right), *more, note]), f"{html}<p class='quiet'>{note}</p>")


def _note(count: int) -> str:
    return f"the first {MOST_ROWS:,} rows" if count > MOST_ROWS else f"{count:,} row{'' if count == 1 else 's'}"


def _cell(cell: str | None, is_right: bool) -> str:
    inside = "<i>null</i>" if cell is None else _safe(cell)
    return f"<td{_side(is_right)}>{inside}</td>"


def _side(is_right: bool) -> str:
    # Both: the page's style knows the class, other programs that show the table do not.
    return ' class="n" style="text-align:right"' if is_right else ' style="text-align:left"'


def _safe(text: str) -> str:
    return escape(printable(text))


def _told(value: object) -> str:
    """A cell: whole numbers and short decimals in full, long decimals to six digits, long text cut."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return repr(value) if len(repr(value)) <= 8 else f"{value:.6g}"
    return shortened(str(value), LONGEST)
