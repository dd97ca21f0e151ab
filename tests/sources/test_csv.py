from __future__ import annotations

import bz2
import gzip
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import ValidationError
from pyspark.sql import SparkSession

from lakesmith.errors import DataError
from lakesmith.sources import FILE, POSITION, RAW, RULE
from lakesmith.sources.csv import Csv
from lakesmith.sources.faults import told
from tests.builders import count_jobs
from tests.sources.reading import accepted, read, rejected, write

AB = {"a": "int", "b": "string"}


def test_a_record_is_read_with_its_types(spark: SparkSession, tmp_path: Path) -> None:
    columns = {"i": "int", "d": "double", "m": "decimal(5,2)", "t": "date", "w": "timestamp", "b": "boolean"}
    data = write(tmp_path, a__csv="i,d,m,t,w,b\r\n1,2.5,3.10,2024-01-31,2024-01-31T10:00:00Z,true\r\n,,,,,\r\n")
    found = accepted(read(spark, Csv(path="a.csv", columns=columns), data))
    moment = datetime(2024, 1, 31, 10, tzinfo=UTC).replace(tzinfo=None)
    assert found == [(1, 2.5, Decimal("3.10"), date(2024, 1, 31), moment, True), (None,) * 6]


def test_a_value_that_its_type_would_change_is_quarantined(spark: SparkSession, tmp_path: Path) -> None:
    columns = {"i": "int", "m": "decimal(5,2)", "d": "double"}
    data = write(tmp_path, a__csv="i,m,d\n1.5,1,1\n1,1.005,1\n1,1,1e999\n")
    reading = read(spark, Csv(path="a.csv", columns=columns), data)
    rules = ["type: 'd' is not double", "type: 'i' is not int", "type: 'm' is not decimal(5,2)"]
    assert (accepted(reading), [rule for rule, _ in rejected(reading)]) == ([], rules)


def test_broken_lines_are_quarantined_with_file_position_rule_and_raw_text(spark: SparkSession, tmp_path: Path) -> None:
    lines = [b"a,b", b"1,x", b"2", b"", b"3,y,z", b'4,"open', b'5,"in"side', b'6,"q"",q"', b"7,caf\xe9", b'8,5"']
    data = write(tmp_path, a__csv=b"\n".join(lines))
    reading = read(spark, Csv(path="a.csv", columns=AB), data)
    assert accepted(reading) == [(1, "x"), (6, 'q",q')]
    stray = 'quotes: a " is not closed, or stands inside a value that is not quoted'
    rows = reading.records.filter(f"{RULE} IS NOT NULL").select(POSITION, RULE, RAW, FILE).collect()
    assert [tuple(row)[:3] for row in rows] == [
        ("line 3", "values: the record does not have 2", "2"),
        ("line 5", "values: the record does not have 2", "3,y,z"),
        ("line 6", stray, '4,"open'),
        ("line 7", stray, '5,"in"side'),
        ("line 9", "encoding: the line is not valid UTF-8", "hex:372C636166E9"),
        ("line 10", stray, '8,5"'),
    ]
    assert {row[FILE] for row in rows} == {str(tmp_path / "a.csv")}


def test_columns_in_another_order_are_put_right_by_name(spark: SparkSession, tmp_path: Path) -> None:
    data = write(tmp_path / "in", one__csv="a,b\n1,2\n", two__csv="b,a\n4,3\n")
    reading = read(spark, Csv(path="in", columns={"a": "int", "b": "int"}), str(tmp_path))
    assert (accepted(reading), data) == ([(1, 2), (3, 4)], str(tmp_path / "in"))


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("a,c", "'b' is missing, 'c' is not declared"),
        ("a,b,c", "'c' is not declared"),
        ("a", "'b' is missing"),
        ("a,B", r"'b' is missing, 'B' is not declared.*Did you mean 'b'"),
        ("a,a", "'a' stands there twice"),
        ("a,", "no name"),
    ],
)
def test_another_header_stops_the_run_and_names_the_file(
    spark: SparkSession, tmp_path: Path, header: str, message: str
) -> None:
    data = write(tmp_path, a__csv=f"{header}\n1,2\n")
    with pytest.raises(DataError, match=rf"a\.csv.*{message}"):
        read(spark, Csv(path="a.csv", columns=AB), data)


def test_a_record_equal_to_the_header_is_kept(spark: SparkSession, tmp_path: Path) -> None:
    columns = {"a": "string", "b": "string"}
    data = write(tmp_path / "in", x__csv="a,b\na,b\n1,2\na,b", y__csv="a,b\n3,4\n")
    (tmp_path / "in" / "z.csv.gz").write_bytes(gzip.compress(b"a,b\r\na,b\r\n"))
    found = accepted(read(spark, Csv(path="in", columns=columns), str(tmp_path)))
    assert found == [("1", "2"), ("3", "4"), ("a", "b"), ("a", "b"), ("a", "b")]
    assert data


def test_a_file_read_in_pieces_loses_only_its_header(spark: SparkSession, tmp_path: Path) -> None:
    data = write(tmp_path, a__csv="a,b\n" + "".join(f"{i},{'x' * 40}\n" for i in range(2_000)) + "oops,x\n")
    before = spark.conf.get("spark.sql.files.maxPartitionBytes")
    spark.conf.set("spark.sql.files.maxPartitionBytes", "20000")
    try:
        reading = read(spark, Csv(path="a.csv", columns=AB), data)
        assert reading.records.rdd.getNumPartitions() > 3
        assert [row[0] for row in accepted(reading)] == sorted(range(2_000), key=str)
        where = reading.records.filter(f"{RULE} IS NOT NULL").first()[POSITION]
        line, start = int(where.split()[1]), int(where.split()[-1])
        lines_after = (tmp_path / "a.csv").read_bytes()[start:].split(b"\n")[1:]
        assert lines_after[line - 1] == b"oops,x"
    finally:
        spark.conf.set("spark.sql.files.maxPartitionBytes", str(before))


def test_a_byte_order_mark_is_not_part_of_the_first_name(spark: SparkSession, tmp_path: Path) -> None:
    data = write(tmp_path, a__csv=b"\xef\xbb\xbfa,b\r\n1,x\r\n")
    assert accepted(read(spark, Csv(path="a.csv", columns=AB), data)) == [(1, "x")]


def test_packed_files_are_read_and_a_cut_off_one_is_named(spark: SparkSession, tmp_path: Path) -> None:
    whole = gzip.compress(b"a,b\n" + b"".join(b"%d,%d\n" % (i, i * 7919 % 1000) for i in range(20_000)))
    write(tmp_path, one__csv__bz2=bz2.compress(b"a,b\n1,x\n"), cut__csv__gz=whole[:-3_000])
    assert accepted(read(spark, Csv(path="one.csv.bz2", columns=AB), str(tmp_path))) == [(1, "x")]
    with pytest.raises(DataError, match=r"cut\.csv\.gz cannot be unpacked"):
        read(spark, Csv(path="cut.csv.gz", columns=AB), str(tmp_path))


def test_a_session_that_skips_broken_files_is_overruled(spark: SparkSession, tmp_path: Path) -> None:
    whole = gzip.compress(b"".join(b"%d,%d\n" % (i, i * 7919 % 1000) for i in range(20_000)))
    data = write(tmp_path, cut__csv__gz=whole[:-3_000])
    spark.conf.set("spark.sql.files.ignoreCorruptFiles", "true")
    try:
        reading = read(spark, Csv(path="cut.csv.gz", columns=AB, header=False), data)
        with pytest.raises(DataError, match=r"/cut\.csv\.gz cannot be read to its end"), told():
            reading.records.count()
    finally:
        spark.conf.unset("spark.sql.files.ignoreCorruptFiles")


def test_only_a_header_is_no_rows_and_an_empty_file_is_an_error(spark: SparkSession, tmp_path: Path) -> None:
    data = write(tmp_path, header__csv="a,b\n", empty__csv="")
    assert read(spark, Csv(path="header.csv", columns=AB), data).records.count() == 0
    assert read(spark, Csv(path="*.csv", columns=AB), data).records.count() == 0
    with pytest.raises(DataError, match=r"empty\.csv is empty: there is no header line"):
        read(spark, Csv(path="empty.csv", columns=AB), data)


def test_null_markers_separator_quote_and_escape(spark: SparkSession, tmp_path: Path) -> None:
    data = write(tmp_path, a__csv="a\tb\nNA\t'it\\'s'\n1\t\n2\t''\n\t\n")
    source = Csv(path="a.csv", columns=AB, separator="\t", quote="'", escape="\\", null_values=("NA",))
    reading = read(spark, source, data)
    assert accepted(reading) == [(1, ""), (2, ""), (None, "it's")]
    assert rejected(reading) == [("type: 'a' is not int", "\t")]


def test_a_line_of_separators_is_a_record_of_nulls(spark: SparkSession, tmp_path: Path) -> None:
    data = write(tmp_path, a__tsv="a\tb\n\t\n1\tx\n")
    assert accepted(read(spark, Csv(path="a.tsv", columns=AB, separator="\t"), data)) == [(1, "x"), (None, None)]


def test_without_quoting_a_quote_is_a_character(spark: SparkSession, tmp_path: Path) -> None:
    data = write(tmp_path, a__csv='a,b\n1,5" pipe\n')
    assert accepted(read(spark, Csv(path="a.csv", columns=AB, quote=None), data)) == [(1, '5" pipe')]


def test_formats_and_a_time_zone_with_a_skipped_hour(spark: SparkSession, tmp_path: Path) -> None:
    lines = ["d;t", "31.01.2024;31.01.2024 10:00", "31.03.2024;31.03.2024 02:30", "2024-01-31;31.01.2024 10:00"]
    data = write(tmp_path, a__csv="\n".join(lines))
    source = Csv(
        path="a.csv",
        columns={"d": "date", "t": "timestamp"},
        separator=";",
        date_format="dd.MM.yyyy",
        timestamp_format="dd.MM.yyyy HH:mm",
        time_zone="Europe/Berlin",
    )
    reading = read(spark, source, data)
    assert accepted(reading) == [(date(2024, 1, 31), datetime(2024, 1, 31, 9))]
    assert [rule for rule, _ in rejected(reading)] == ["type: 'd' is not date", "type: 't' is not timestamp"]


def test_a_line_with_more_values_than_the_parser_takes_does_not_stop_the_job(
    spark: SparkSession, tmp_path: Path
) -> None:
    data = write(tmp_path, a__csv="a,b\n1,x\n" + "1," * 120_000 + "\n")
    reading = read(spark, Csv(path="a.csv", columns=AB), data)
    assert (accepted(reading), len(rejected(reading))) == ([(1, "x")], 1)


def test_columns_are_inferred_from_a_sample_in_one_job(spark: SparkSession, tmp_path: Path) -> None:
    lines = [
        "id,zip,amount,day,at,ok,name",
        "1,01234,1.5,2024-01-31,2024-01-31 10:00:00,true,",
        "2,98765,2,2024-02-01,,false,x",
    ]
    data = write(tmp_path, a__csv="\n".join(lines))
    source = Csv(path="a.csv")
    files = source.files(spark, data)
    with count_jobs(spark) as jobs:
        reading = source.read(spark, files)
    types = ["int", "string", "double", "date", "timestamp", "boolean", "string"]
    assert (list(reading.columns.values()), reading.inferred, jobs.count) == (types, True, 1)
    assert len(accepted(reading)) == 2


def test_odd_names_of_columns_and_files_work(spark: SparkSession, tmp_path: Path) -> None:
    columns = {"a.b": "int", "c`d": "string", "é 'x'": "string"}
    write(tmp_path, **{"we ird+[x]%20__csv": "a.b,c`d,é 'x'\n1,y,z\n", "o{a,b}__csv": "a.b,c`d,é 'x'\n2,y,z\n"})
    reading = read(spark, Csv(path=".", columns=columns), str(tmp_path))
    assert accepted(reading) == [(1, "y", "z"), (2, "y", "z")]
    files = {row[0] for row in reading.records.select(FILE).collect()}
    assert files == {str(tmp_path / "we ird+[x]%20.csv"), str(tmp_path / "o{a,b}.csv")}


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"columns": {"a": "itn"}}, "'itn' is not a type"),
        ({"columns": {"a": "array<int>"}}, "no nested values"),
        ({"columns": {"a": "int", "A": "int"}}, "twice"),
        ({"columns": {"_lakesmith_x": "int"}}, "reserved"),
        ({"columns": {}}, "no columns"),
        ({"time_zone": "Mars/Base"}, "not a time zone"),
        ({"separator": ";;"}, "at most 1"),
    ],
)
def test_a_wrong_field_is_refused(fields: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Csv.model_validate({"path": "a.csv", **fields})


def test_archives_and_utf16_are_refused_by_name(spark: SparkSession, tmp_path: Path) -> None:
    data = write(tmp_path, a__zip=b"PK", b__csv="a,b\n1,x\n".encode("utf-16"))
    with pytest.raises(DataError, match=r"a\.zip is an archive"):
        read(spark, Csv(path="a.zip", columns=AB), data)
    with pytest.raises(DataError, match=r"b\.csv is UTF-16"):
        read(spark, Csv(path="b.csv", columns=AB), data)


def test_control_characters_are_no_spaces_and_no_null(spark: SparkSession, tmp_path: Path) -> None:
    data = write(tmp_path, a__csv='a,b\n5\x00,x\n\x196,x\n7,"\x00"\n 8 ,x\n')
    reading = read(spark, Csv(path="a.csv", columns={"a": "int", "b": "string"}), data)
    nul = "encoding: the line holds a NUL character"
    assert accepted(reading) == [(8, "x")]
    assert rejected(reading) == [(nul, "5\x00,x"), (nul, '7,"\x00"'), ("type: 'a' is not int", "\x196,x")]
