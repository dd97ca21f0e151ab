"""Changed values where people read of them: in the closing summary and `status`, in their JSON, and in the report."""

from __future__ import annotations

import re

from lakesmith.facts import RowAccounting, StepRows
from lakesmith.report.render import render
from lakesmith.summary import _row_lines
from tests.report.samples import flights

STEPS = (
    StepRows(source="visits", step="1 trim_text", kept=90, cells=1234),
    StepRows(source="visits", step="2 drop_nulls", kept=80, dropped=10),
)


def test_changed_values_are_told_in_the_summary_and_in_json() -> None:
    rows = RowAccounting(steps=STEPS)
    assert _row_lines(rows) == ["visits  80 after cleaning, 0 quarantined, 10 dropped, 1,234 values changed"]
    assert [step["cells"] for step in rows.model_dump(mode="json")["steps"]] == [1234, None]
    assert _row_lines(RowAccounting(steps=STEPS[1:])) == ["visits  80 after cleaning, 0 quarantined, 10 dropped"]


def test_the_report_shows_changed_values_beside_the_rows_of_each_step() -> None:
    html = render(flights().model_copy(update={"rows": RowAccounting(steps=STEPS)}))
    table = html[html.index("Rows by cleaning step") :].split("</table>")[0]
    assert "values changed</th>" in table
    cells = [re.findall(r'<td class="n">(.*?)</td>', line)[-1] for line in table.splitlines() if "<td>" in line]
    assert cells == ["1,234", ""]
