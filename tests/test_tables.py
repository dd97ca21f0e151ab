from __future__ import annotations

from pyspark.sql import SparkSession

from builders import frame, rows
from lakesmith.tables import Tables


def test_names_with_spaces_and_commas_are_kept_in_new_and_in_old_tables(spark: SparkSession, tables: Tables) -> None:
    odd = frame(spark, "`Visit ID` int, `a,b` string, `c.d` int", [(1, "x", 2)])
    tables.overwrite("new", odd)
    assert tables.read("new").columns == ["Visit ID", "a,b", "c.d"]
    tables.overwrite("old", frame(spark, "plain int", [(1,)]))
    tables.overwrite("old", odd)
    assert rows(tables.read("old")) == [(1, "x", 2)]
    tables.append("old", odd)
    assert tables.rows("old") == 2


def test_optimize_is_no_change_of_data_and_an_append_is_one(spark: SparkSession, tables: Tables) -> None:
    one = frame(spark, "id int", [(1,)])
    tables.overwrite("t", one)
    tables.append("t", one)
    before = tables.identity("t")
    spark.sql(f"OPTIMIZE {tables.place('t')}")
    assert tables._latest("t") == 2
    assert tables.identity("t") == before
    tables.append("t", one)
    assert tables.identity("t") != before


def test_merge_inserts_updates_and_makes_no_commit_where_nothing_changes(spark: SparkSession, tables: Tables) -> None:
    tables.overwrite("t", frame(spark, "id int, value string, digest bigint", [(1, "a", 10), (2, "b", 20)]))
    news = frame(spark, "id int, value string, digest bigint", [(2, "c", 21), (3, "d", 30)])
    counts = tables.merge("t", news, on=["id"], digest="digest")
    assert (counts.inserted, counts.updated) == (1, 1)
    assert rows(tables.read("t")) == [(1, "a", 10), (2, "c", 21), (3, "d", 30)]
    version = tables._latest("t")
    counts = tables.merge("t", news, on=["id"], digest="digest")
    assert (counts.inserted, counts.updated, counts.version) == (0, 0, version)
    assert tables._latest("t") == version


def test_replace_changes_only_the_rows_it_names(spark: SparkSession, tables: Tables) -> None:
    tables.overwrite("t", frame(spark, "file string, id int", [("a", 1), ("b", 2)]))
    tables.replace("t", frame(spark, "file string, id int", [("a", 3)]), "file = 'a'")
    assert rows(tables.read("t")) == [("a", 3), ("b", 2)]


def test_the_last_record_of_a_stage_counts(tables: Tables) -> None:
    assert tables.recorded() == {}
    tables.record("ingest", "k1", "{}")
    tables.record("clean", "k2", "{}")
    tables.record("ingest", "k3", '{"a": 1}')
    assert tables.recorded() == {"ingest": ("k3", '{"a": 1}'), "clean": ("k2", "{}")}
