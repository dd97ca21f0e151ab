from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from lakesmith.facts import (
    GateVerdict,
    MetricRow,
    ModelVersion,
    QuarantineRule,
    RowAccounting,
    SourceRows,
    StepRows,
    TableVersion,
    Trial,
)
from lakesmith.report import ReportView, render
from lakesmith.report.view import (
    BinaryCurves,
    ClassMetrics,
    Confusion,
    GoldColumn,
    Importances,
    Leaderboard,
    Lineage,
    MulticlassCurves,
    Note,
    RegressionCurves,
    SourceFile,
    SplitPart,
    SplitView,
)

from .samples import SAMPLES, flight_curves, flights, wines

EVIL = "<script>alert('1')</script>\"&\x1b[31m\u202e"
VOID = {"meta", "link", "br", "img", "input", "hr"}
FOREIGN = re.compile(
    r"https?://|\bsrc\s*=|@import|url\(|\bhref\s*=\s*[\"'](?!#)|javascript:|\son\w+\s*=", re.IGNORECASE
)


class Outline(HTMLParser):
    """Tags that were opened and closed in order, ids, headings and table cells."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        assert len(attrs) == len(dict(attrs)), f"an attribute is doubled in <{tag}>"
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag, f"</{tag}> closes the wrong element"

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(self.words)

    def attributes(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def bare(**fields: object) -> ReportView:
    return ReportView(**{"project": "p", "task": "binary", "label": "y", "made_at": "2026-07-14", **fields})


def panels(html: str) -> list[str]:
    return [str(section["id"]) for section in Outline(html).attributes("section")]


@pytest.mark.parametrize("name", SAMPLES)
def test_every_element_of_a_report_is_closed_in_order(name: str) -> None:
    outline = Outline(render(SAMPLES[name]()))
    assert outline.open == []
    assert [tag for tag, _ in outline.tags].count("h1") == 1


@pytest.mark.parametrize("name", SAMPLES)
def test_a_report_loads_nothing_and_runs_nothing(name: str) -> None:
    html = render(SAMPLES[name]())
    assert FOREIGN.findall(html) == []
    assert "<script" not in html


@pytest.mark.parametrize("name", SAMPLES)
def test_every_chart_is_described_for_those_who_cannot_see_it(name: str) -> None:
    charts = [svg for svg in Outline(render(SAMPLES[name]())).attributes("svg") if svg.get("aria-hidden") != "true"]
    assert charts
    assert all(svg["role"] == "img" and svg["aria-label"] for svg in charts)


@pytest.mark.parametrize("name", SAMPLES)
def test_ids_are_unique_and_every_link_of_the_contents_leads_somewhere(name: str) -> None:
    outline = Outline(render(SAMPLES[name]()))
    ids = [attributes["id"] for _, attributes in outline.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {str(link["href"]).removeprefix("#") for link in outline.attributes("a")} <= set(ids)


def test_a_full_view_shows_all_panels_in_the_order_of_the_page() -> None:
    assert panels(render(flights())) == [
        "verdict", "rows", "data", "split", "leaderboard", "metrics", "importance", "notes", "lineage"
    ]  # fmt: skip


def test_an_empty_view_is_a_page_with_only_the_verdict() -> None:
    html = render(bare())
    assert panels(html) == ["verdict"]
    assert "No gates" in html
    assert "None" not in Outline(html).text


@pytest.mark.parametrize(
    ("field", "panel"),
    [
        ("rows", "rows"),
        ("split", "split"),
        ("leaderboard", "leaderboard"),
        ("importances", "importance"),
        ("lineage", "lineage"),
    ],
)
def test_a_part_that_is_none_leaves_its_panel_out(field: str, panel: str) -> None:
    html = render(flights().model_copy(update={field: None}))
    assert panel not in panels(html)
    assert f"#{panel}" not in html


def test_the_verdict_names_failed_gates_and_is_not_told_by_colour_alone() -> None:
    html = render(wines())
    assert '<section id="verdict" aria-labelledby="verdict-heading" class="fail">' in html
    assert "The gate failed: Macro F1 is 0.8931 on 36 test rows; the naive baseline has 0.1900." in html
    assert "failed</span>" in html


def test_without_gates_the_verdict_is_neither_passed_nor_failed() -> None:
    assert '<section id="verdict" aria-labelledby="verdict-heading">' in render(bare())


def test_a_source_that_does_not_add_up_is_called_out() -> None:
    lost = RowAccounting(sources=(SourceRows(source="s", read=10, accepted=8, quarantined=1),))
    assert "no: 1 missing" in render(bare(rows=lost))


def test_a_difference_is_judged_by_the_direction_of_its_metric() -> None:
    text = Outline(render(flights())).text
    assert text.count("clearly better") == 2
    assert text.count("clearly worse") == 1
    assert text.count("no clear difference") == 1


def test_a_metric_that_is_not_defined_is_a_word_not_a_number() -> None:
    html = render(bare(metrics=(MetricRow(metric="mape", challenger=float("nan"), baseline=float("inf")),)))
    assert "undefined" in html
    assert "nan" not in re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL)


def test_every_text_of_a_view_is_escaped() -> None:
    html = render(_evil_view())
    outline = Outline(html)
    assert "<script" not in html
    assert "alert('1')" not in html, "quotes are escaped too"
    assert {name for name, _ in outline.tags} & {"script", "iframe", "img"} == set()
    assert "\x1b" not in html
    assert "\u202e" not in html
    assert outline.text.count("<script>alert") > 40


def _evil_view() -> ReportView:
    confusion = Confusion(classes=(EVIL, "b"), counts=((1, 2), (3, 4)))
    trial = Trial(number=1, family=EVIL, params=((EVIL, EVIL),), value=0.5, fold_values=(0.4, 0.6), is_chosen=True)
    return ReportView(
        project=EVIL, task=EVIL, label=EVIL, made_at=EVIL, description=EVIL,
        model=ModelVersion(name=EVIL, version=EVIL, aliases=(EVIL,)),
        gates=(GateVerdict(gate=EVIL, passed=True, reason=EVIL),),
        metrics=(MetricRow(metric=EVIL, title=EVIL, challenger=0.5, interval=(0.4, 0.6), baseline=0.1),),
        baseline_meaning=EVIL, interval_meaning=EVIL,
        rows=RowAccounting(
            main_source=EVIL,
            sources=(SourceRows(source=EVIL, read=1, accepted=1),),
            steps=(StepRows(source=EVIL, step=EVIL, kept=1),),
            gold=1, parts=((EVIL, 1),),
            quarantine=(QuarantineRule(source=EVIL, stage=EVIL, rule=EVIL, rows=1, example=EVIL, position=EVIL),),
        ),
        columns=(GoldColumn(name=EVIL, type=EVIL, role=EVIL, null_share=0.5),),
        split=SplitView(
            rule=EVIL,
            parts=(SplitPart(part=EVIL, rows=1, label_mean=1, class_shares=((EVIL, 1),), first_time=EVIL),),
        ),
        leaderboard=Leaderboard(
            metric=EVIL, folds=EVIL, stopped_because=EVIL,
            trials=(trial, Trial(number=2, family=EVIL, status="failed", reason=EVIL)),
        ),
        binary=flight_curves().model_copy(update={"confusion": confusion, "threshold_rule": EVIL}),
        multiclass=MulticlassCurves(
            classes=(ClassMetrics(name=EVIL, rows=1, precision=1, recall=1, f1=1),), confusion=confusion
        ),
        regression=RegressionCurves(unit=EVIL, points=((1.0, 2.0, 3),), residual_quantiles=((0.5, 1.0),)),
        importances=Importances(meaning=EVIL, columns=((EVIL, 1.0),), slots=((EVIL, 1.0),)),
        notes=(Note(where=EVIL, text=EVIL, is_warning=True),),
        lineage=Lineage(
            files=(SourceFile(source=EVIL, file=EVIL, digest=EVIL),),
            tables=(TableVersion(name=EVIL, version=1),),
            software=((EVIL, EVIL),), seeds=((EVIL, EVIL),), runs=((EVIL, EVIL),), config_yaml=EVIL,
        ),
    )  # fmt: skip


def test_a_wide_table_and_many_trials_stay_under_two_megabytes() -> None:
    columns = tuple(
        GoldColumn(name=f"sensor_{n}_reading", type="double", role="feature", null_share=0.1) for n in range(1500)
    )
    params = tuple((f"param_{n}", "0.123456") for n in range(12))
    trials = tuple(
        Trial(
            number=n, family=f"family_{n % 6}", params=params, value=n / 300, fold_values=(0.1, 0.2, 0.9), seconds=9.0
        )
        for n in range(200)
    )
    shares = tuple((column.name, 1 / 1500) for column in columns)
    points = tuple((float(n % 97), float(n % 89), n) for n in range(20_000))
    view = flights().model_copy(
        update={
            "columns": columns,
            "leaderboard": Leaderboard(metric="roc_auc", trials=trials),
            "importances": Importances(columns=shares, slots=shares),
            "regression": RegressionCurves(points=points),
        }
    )
    assert len(render(view).encode()) < 2_000_000


def test_line_breaks_of_the_project_file_are_kept() -> None:
    html = render(bare(lineage=Lineage(config_yaml="name: p\n  key: [id]\n\ttab\r\n")))
    assert "name: p\n  key: [id]\n\ttab" in html


@pytest.mark.parametrize(
    "view",
    [
        bare(binary=BinaryCurves(roc=((0.0, 0.0),), precision_recall=((0.0, float("nan")),), ks=((0.5, 0.0, 0.0),))),
        bare(regression=RegressionCurves(points=((3.0, 3.0, 1),), residual_quantiles=((0.5, 0.0),))),
        bare(leaderboard=Leaderboard(metric="m", trials=())),
        bare(leaderboard=Leaderboard(metric="m", trials=(Trial(number=1, family="f", status="failed", reason="r"),))),
        bare(importances=Importances(columns=(("a", 0.0),))),
        bare(rows=RowAccounting(main_source="s", sources=(SourceRows(source="s", read=0, accepted=0),), gold=0)),
        bare(metrics=(MetricRow(metric="m", challenger=0.0, interval=(0.0, 0.0), baseline=0.0),)),
        bare(multiclass=MulticlassCurves(confusion=Confusion(classes=("a",), counts=((0,),)))),
    ],
)
def test_single_points_zeros_and_undefined_values_draw_without_an_error(view: ReportView) -> None:
    html = render(view)
    assert Outline(html).open == []
    assert not re.search(r'="[^"]*\b(nan|inf)\b', html)
