from __future__ import annotations

import pytest

from lakesmith.report.svg import Axis, Plot, label, spanning, tag


def test_tag_escapes_text_and_attribute_values() -> None:
    assert tag("text", "<b>", class_='"') == '<text class="&#34;">&lt;b&gt;</text>'


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (0, 1, ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
        (0.7095, 0.7307, ["0.710", "0.715", "0.720", "0.725", "0.730"]),
        (0, 1200, ["0", "250", "500", "750", "1,000"]),
        (-5, 5, ["−4", "−2", "0", "2", "4"]),
    ],
)
def test_ticks_are_round_and_carry_the_decimals_they_need(low: float, high: float, words: list[str]) -> None:
    axis = Axis("x", low, high)
    assert [axis.words(tick) for tick in axis.ticks] == words


def test_a_share_axis_speaks_per_cent() -> None:
    axis = Axis("x", 0, 0.1, is_share=True)
    assert [axis.words(tick) for tick in axis.ticks] == ["0 %", "2 %", "4 %", "6 %", "8 %", "10 %"]


def test_a_whole_axis_has_no_fractions() -> None:
    assert Axis("trial", 0.5, 3.5, is_whole=True).ticks == [1, 2, 3]


def test_a_single_value_gets_room_on_both_sides() -> None:
    axis = spanning("x", [0.0, float("nan")])
    assert axis.low < 0 < axis.high


def test_a_path_leaves_out_points_closer_than_a_pixel_and_undefined_ones() -> None:
    plot = Plot(Axis("x", 0, 1), Axis("y", 0, 1))
    many = [(n / 100_000, n / 100_000) for n in range(100_001)]
    assert plot.path([*many[:50], (float("nan"), 0.5), *many[50:]]).count("L") < 600


def test_a_shortened_label_keeps_its_full_text_as_a_tooltip() -> None:
    assert label(0, 0, "carrier_late_share", limit=8) == (
        '<text x="0" y="0">carrier…<title>carrier_late_share</title></text>'
    )


def test_a_long_legend_goes_to_a_second_line_and_the_plot_grows() -> None:
    short = Plot(Axis("x", 0, 1), Axis("y", 0, 1), ("a", "b"))
    long = Plot(Axis("x", 0, 1), Axis("y", 0, 1), ("logistic_regression", "random_forest", "xgboost", "best so far"))
    assert long.height == short.height + 20
    assert long.top == short.top + 20
