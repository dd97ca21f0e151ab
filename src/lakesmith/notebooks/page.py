"""A notebook that was run, as one self-contained HTML page that loads nothing and runs no script.

HTML by design is what values give as their own (`_repr_html_`) and our tables; everything else is escaped.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name

from lakesmith.notebooks.outputs import Output
from lakesmith.notebooks.runner import PYTHON, CellRun, NotebookRun
from lakesmith.notebooks.source import Cell
from lakesmith.report.render import page

_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")


@dataclass(frozen=True)
class Shown:
    """One cell as the page shows it: rendered text, or code and outputs."""

    number: int
    run: CellRun
    text: Markup = field(default_factory=Markup)
    code: Markup = field(default_factory=Markup)

    @property
    def outputs(self) -> list[tuple[Output, Markup]]:
        """Each output with its HTML."""
        return [(each, Markup(each.html)) for each in self.run.outputs]


def render(run: NotebookRun) -> str:
    """The page."""
    headings: list[tuple[str, str]] = []
    cells = [_shown(each, number, run.notebook.title, headings) for number, each in enumerate(run.cells, start=1)]
    return page(
        "notebook.html.j2",
        title=run.notebook.title,
        file=run.notebook.path.name,
        cells=cells,
        headings=headings,
        seconds_spent=sum(each.seconds or 0.0 for each in run.cells),
        error=run.error,
    )


def _shown(run: CellRun, number: int, title: str, headings: list[tuple[str, str]]) -> Shown:
    if run.cell.magic == "md":
        return Shown(number, run, text=_rendered(run.cell.text, number, title, headings))
    return Shown(number, run, code=_coloured(run.cell))


def _rendered(text: str, number: int, title: str, headings: list[tuple[str, str]]) -> Markup:
    """Markdown as HTML; second-level headings are added to `headings` with their anchors, and the title is left to the
    page's head."""
    tokens = _MARKDOWN.parse(text)
    if number == 1 and _is_title(tokens, title):
        tokens = tokens[3:]
    for opening, inside in pairwise(tokens):
        if opening.type == "heading_open" and opening.tag == "h2":
            anchor = f"part-{len(headings) + 1}"
            opening.attrSet("id", anchor)
            headings.append((anchor, inside.content))
    html = _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {})
    return Markup(html.replace("<table>", '<div class="scroll"><table>').replace("</table>", "</table></div>"))


def _is_title(tokens: list[Token], title: str) -> bool:
    return len(tokens) > 2 and tokens[0].type == "heading_open" and tokens[1].content.strip() == title


def _coloured(cell: Cell) -> Markup:
    """Code with its words marked by what they are; a magic's first word stays above its text."""
    if cell.magic in PYTHON or cell.magic == "sql":
        lexer = get_lexer_by_name("sql" if cell.magic == "sql" else "python", stripnl=False)
        head = Markup('<span class="magic">%{}</span>\n').format(cell.magic) if cell.magic else Markup("")
        return head + Markup(highlight(cell.text.strip("\n"), lexer, HtmlFormatter(nowrap=True)))
    return Markup('<span class="magic">{}</span>').format(cell.source)
