"""The report's charts as SVG files that stand alone, each with the page's style inside."""

from __future__ import annotations

from importlib.resources import files

from markupsafe import Markup, escape

from lakesmith.report import figures
from lakesmith.report.view import ReportView

OWN_STYLE = "svg { background: var(--paper); font-family: sans-serif; } svg text { font-family: inherit; }"


def chart_files(view: ReportView) -> dict[str, str]:
    """Name → SVG document, for every chart the view has data for."""
    drawn = {name: figure for name, figure in _figures(view).items() if figure is not None}
    return {name: _standalone(figure.svg) for name, figure in drawn.items()}


def _figures(view: ReportView) -> dict[str, figures.Figure | None]:
    found: dict[str, figures.Figure | None] = {}
    if view.leaderboard is not None:
        found["trials"] = figures.trials(view.leaderboard)
    if view.binary is not None:
        for draw in (figures.roc, figures.precision_recall, figures.calibration, figures.ks, figures.score_histogram):
            found[draw.__name__] = draw(view.binary)
    matrices = [each.confusion for each in (view.binary, view.multiclass) if each is not None]
    found["confusion"] = figures.confusion(matrices[0]) if matrices else None
    if view.regression is not None:
        found["predicted_actual"] = figures.predicted_actual(view.regression)
        found["residuals"] = figures.residuals(view.regression)
    if view.importances is not None:
        found["importances"] = figures.importances(view.importances.columns, "By gold column", "share of the sum")
    return found


def _standalone(svg: Markup) -> str:
    page_style = (files("lakesmith.report") / "templates" / "style.css").read_text(encoding="utf-8")
    style = f"<style>{escape(page_style)}{OWN_STYLE}</style>"
    opening, rest = str(svg).removeprefix("<svg").split(">", 1)
    return f'<svg xmlns="http://www.w3.org/2000/svg"{opening}>{style}{rest}'
