"""The report: one self-contained HTML page rendered from a frozen view of stage results."""

from __future__ import annotations

from lakesmith.report.render import page, render
from lakesmith.report.view import ReportView

__all__ = ["ReportView", "page", "render"]
