"""`lakesmith init` and `lakesmith profile`: from an unknown file to a project that is valid, and a page."""

from __future__ import annotations

import csv
import json
import random
from pathlib import Path

import pytest

from lakesmith import api, project
from lakesmith.errors import ConfigError, DataError
from lakesmith.progress import Progress
from lakesmith.starters import event_column
from small_projects import write_project

pytestmark = pytest.mark.usefixtures("spark")


@pytest.fixture
def visits(tmp_path: Path) -> Path:
    """A file as people have them: odd names, `?` for null, a date, an entity, a constant, a copy of the label."""
    draw = random.Random(5)
    path = tmp_path / "Shop visits 2024.csv"
    with path.open("w", newline="") as file:
        write = csv.writer(file, delimiter=";").writerow
        write(["seen at", "customer_id", "age", "town", "note", "const", "bought", "paid"])
        for i in range(400):
            bought = draw.random() < 0.3
            age = draw.choice(["?", *map(str, range(18, 70))])
            town, day = draw.choice(["Rome", "Oslo", "Bern"]), f"2024-{i // 34 + 1:02}-{i % 28 + 1:02}"
            write([day, draw.randrange(60), age, town, f"n{max(i, 1)}", 1, "yes" if bought else "no", int(bought)])
    return path


def test_a_first_project_is_valid_and_says_what_it_leaves_out(visits: Path, tmp_path: Path) -> None:
    target = tmp_path / "conf" / "shop.yml"
    written, found = api.init(str(visits), label="bought", target=target, workspace=str(tmp_path / "work"))
    text, made = written.read_text(), project.load(written)
    assert made.name == "shop_visits_2024"
    assert made.sources["shop_visits_2024"].columns is not None
    assert made.sources["shop_visits_2024"].columns["age"] == "int"
    assert made.model_dump()["task"]["positive"] == "yes"
    assert (made.time, made.group, made.key) == ("seen at", "customer_id", ("row_key",))
    assert made.model_dump()["split"]["kind"] == "time"
    for told in (
        "paid: 'paid' alone tells 'bought'",
        "const: has one value only",
        "note: is different in nearly every",
    ):
        assert told in text
    assert {each.kind for each in found.leaks} == {"separates_label"}
    with pytest.raises(ConfigError, match="is there already"):
        api.init(str(visits), label="bought", target=target)


def test_what_no_project_can_be_made_of_is_said_and_nothing_is_written(visits: Path, tmp_path: Path) -> None:
    target, work = tmp_path / "conf" / "a.yml", str(tmp_path / "work")
    for label, told in (
        ("bougth", "'bougth' is not a column.*bought"),
        ("const", "1 different values"),
        ("note", "classes. At most 100"),
    ):
        with pytest.raises((ConfigError, DataError), match=told):
            api.init(str(visits), label=label, target=target, workspace=work)
    (tmp_path / "a.docx").write_text("x")
    with pytest.raises(ConfigError, match="no file of a kind that is known"):
        api.init(str(tmp_path / "a.docx"), label="y", target=target, workspace=work)
    assert not target.exists()


def test_data_and_projects_are_profiled_into_a_page(visits: Path, tmp_path: Path) -> None:
    wanted = ["bar,keys=bought,values=age,aggregation=max", "histogram,values=age"]
    found, page = api.profile(
        str(visits), label="bought", percentiles=[0.1], plots=wanted, workspace=str(tmp_path / "work")
    )
    assert [each.title for each in found.plots] == ["max of age by bought", "age"]
    assert page.read_text().count("<figure>") == 2
    assert list(found.column("age").percentiles) == ["10"]
    assert page.read_text().startswith("<!DOCTYPE html>")
    assert json.loads(found.model_dump_json())["rows"] == 400
    broken = tmp_path / "broken.csv"
    # Beyond the lines that types are guessed from.
    broken.write_text("id,x\n" + "".join(f"{i},{i % 7}\n" for i in range(2_500)) + "2500,seven\n")
    told = [each.told for each in api.profile(str(broken), workspace=str(tmp_path / "work"))[0].warnings]
    assert any("1 of 2,501 records were left out" in each and "'x' is not int" in each for each in told), told
    path = write_project(tmp_path / "project")
    gold, page = api.profile(path, progress=Progress.silent())
    assert gold.label == project.load(path).task.label
    assert page.name == "profile.html"
    with pytest.raises(ConfigError, match="a project names its own"):
        api.profile(path, label="y")


def test_the_time_of_a_row_is_known_by_its_name() -> None:
    assert event_column([("born", "date"), ("ordered_at", "timestamp")], "y") == "ordered_at"
    assert event_column([("born", "date"), ("x", "number")], "y") == "born"
    assert event_column([("y", "date")], "y") is None
