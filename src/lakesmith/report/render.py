"""`render(view)`: one HTML page with its style and charts inside, that loads nothing from anywhere."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from lakesmith import wording
from lakesmith.report import figures
from lakesmith.report.view import ReportView

PANELS = ("verdict", "rows", "data", "split", "leaderboard", "metrics", "importance", "notes", "lineage")


def render(view: ReportView) -> str:
    """The report as one HTML document, in UTF-8 when written; every text of the view is escaped."""
    return page("report.html.j2", view=view, panels=_panels(view))


def page(template: str, **values: object) -> str:
    """A template of this folder as one document, with the style inside; every text among the values is escaped."""
    return _environment().get_template(template).render(style=Markup(_template("style.css")), **values)


def _panels(view: ReportView) -> list[tuple[str, str]]:
    """(template name, heading) of every panel that has something to show, in the order of the page."""
    shown = {
        "verdict": ("Verdict", True),
        "rows": ("Rows", view.rows is not None),
        "data": ("Data", bool(view.columns)),
        "split": ("Split", view.split is not None),
        "leaderboard": ("Trials", view.leaderboard is not None),
        "metrics": ("Metrics", bool(view.metrics or view.binary or view.multiclass or view.regression)),
        "importance": ("Feature importance", view.importances is not None),
        "notes": ("Notes", bool(view.notes)),
        "lineage": ("Lineage", view.lineage is not None),
    }
    return [(name, shown[name][0]) for name in PANELS if shown[name][1]]


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FunctionLoader(_template),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalize,
    )
    names = ("count", "decimal", "signed", "interval", "share", "seconds", "size", "shortened")
    environment.filters.update({name: getattr(wording, name) for name in names})
    environment.globals["figures"] = figures
    return environment


def _template(name: str) -> str:
    # importlib.resources also reads from the zip that workers and spark-submit get
    return (files("lakesmith.report") / "templates" / name).read_text(encoding="utf-8")


def _finalize(value: object) -> object:
    """Foreign text loses its control and direction-changing characters; line breaks and tabs stay."""
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    kept = (each if each in "\n\t" else wording.printable(each) for each in value)
    return "".join(kept) if not value.isascii() or not value.isprintable() else value
