"""Expressions: what may be said, what may not, and that what runs means what was written."""

from __future__ import annotations

import contextlib
import re
import time
from pathlib import Path

import pytest
from pydantic import BaseModel, ValidationError
from pyspark.sql import SparkSession

from lakesmith.columns import Names
from lakesmith.errors import ConfigError
from lakesmith.expressions import AggregateExpression, Expression, columns_in, compiled
from lakesmith.sql_functions import AGGREGATES, ALLOWED, REFUSED

SCHEMA = (
    "n int, x double, s string, d date, t timestamp, a array<int>, m map<string,int>, r struct<f:int,`g.h`:string>, "
    "`a.b` int, `tick``ed` int, `naïve ⌘` string, flag boolean, j string, b binary, nothing string"
)
NAMES = Names(
    "flights",
    ("n", "x", "s", "d", "t", "a", "m", "r", "a.b", "tick`ed", "naïve ⌘", "flag", "j", "b", "nothing"),
)
# One call of every allowed function; where the arguments are not those of `_ARGUMENTS`.
_ARGUMENTS = {
    "x": """
    abs acos acosh asin asinh atan atanh cbrt ceil ceiling cos cosh cot csc degrees exp expm1 floor ln log10 log1p
    log2 negative positive radians rint sec sign signum sin sinh sqrt tan tanh nanvl(x,x) double float isnan
    """,
    "n": """
    bin bit_count factorial hex chr char space date_from_unix_date from_unixtime timestamp_micros timestamp_millis
    timestamp_seconds bigint int smallint tinyint decimal binary(s) boolean string zeroifnull nullifzero
    """,
    "s": """
    ascii base64(b) bit_length btrim char_length character_length initcap is_valid_utf8 lcase len length lower
    ltrim luhn_check make_valid_utf8 mask octet_length printf reverse rtrim soundex trim try_validate_utf8 ucase
    upper unbase64('YQ==') unhex('41') isnull isnotnull crc32 hash md5 sha sha1 xxhash64 concat format_string
    """,
    "d": """
    date day dayname dayofmonth dayofweek dayofyear last_day month monthname quarter to_date try_to_date unix_date
    weekday weekofyear year
    """,
    "t": """
    hour minute second timestamp to_timestamp to_timestamp_ntz try_to_timestamp to_unix_timestamp unix_micros
    unix_millis unix_seconds
    """,
    "a": """
    array_compact array_distinct array_max array_min array_size array_sort cardinality flatten(array(a,a)) size
    sort_array to_json
    """,
    "m": """
    map_entries map_keys map_values
    """,
    "": """
    e pi
    """,
    "*": """
    atan2(x,1) bround(x,1) conv('ff',16,10) getbit(n,0) bit_get(n,0) greatest(n,2) hypot(x,1) least(n,2) log(2,x)
    mod(n,2) pmod(-n,2) pow(x,2) power(x,2) round(x,1) shiftleft(n,1) shiftright(n,1) shiftrightunsigned(n,1)
    try_add(n,1) try_divide(n,0) try_mod(n,0) try_multiply(n,2) try_subtract(n,1) width_bucket(x,0,10,5)
    concat_ws('-',s,s) contains(s,'a') decode(n,1,'one','other') elt(1,s,s) encode(s,'UTF-8') endswith(s,'a')
    find_in_set('b','a,b') format_number(x,2) instr(s,'b') left(s,2) levenshtein(s,'x') locate('b',s)
    lpad(s,9,'*') overlay(s,'z',1) position('b',s) regexp(s,'b') regexp_count(s,'a') regexp_extract(s,'(a)',1)
    regexp_extract_all(s,'(a)',1) regexp_instr(s,'b') regexp_like(s,'a') regexp_replace(s,'a','z')
    regexp_substr(s,'a') repeat(s,2) replace(s,'a','z') right(s,2) rlike(s,'a') rpad(s,9,'*') split(s,'b')
    split_part(s,'b',1) startswith(s,'a') substr(s,2,1) substring(s,2,1) substring_index(s,'b',1) to_char(n,'999')
    to_varchar(n,'999') to_number('12','99') try_to_number('x','99') translate(s,'a','z') add_months(d,1)
    convert_timezone('UTC','Asia/Tokyo',t) date_add(d,1) date_diff(d,d) date_format(t,'yyyy-MM-dd''T''HH')
    date_part('year',t) date_sub(d,1) date_trunc('HOUR',t) dateadd(d,1) datediff(d,d) datepart('month',t)
    from_utc_timestamp(t,'Asia/Tokyo') make_date(2013,n,1) make_dt_interval(1,2) make_timestamp(2013,1,2,3,4,5)
    d+make_ym_interval(1,2) months_between(d,d) next_day(d,'MO') to_utc_timestamp(t,'Asia/Tokyo') trunc(d,'MM')
    try_make_timestamp(2013,1,2,3,4,5) coalesce(nothing,s) equal_null(s,nothing) if(n>1,s,'-') ifnull(nothing,s)
    nullif(s,'x') nvl(nothing,s) nvl2(nothing,1,2) array(n,2) array_append(a,3) array_contains(a,1)
    array_except(a,a) array_insert(a,1,9) array_intersect(a,a) array_join(a,'-') array_position(a,1)
    array_prepend(a,0) array_remove(a,1) array_repeat(s,2) array_union(a,a) arrays_overlap(a,a) arrays_zip(a,a)
    element_at(a,1) from_json(j,'k int') get(a,7) get_json_object(j,'$.k') json_array_length('[1]')
    json_object_keys(j) map('k',n) map_concat(m,map('z',1)) map_contains_key(m,'k')
    map_from_arrays(array('k'),array(1)) map_from_entries(array(struct('k',1))) named_struct('f',n) sequence(1,n)
    slice(a,1,1) str_to_map('k:1') struct(n,s) try_element_at(m,'no') sha2(s,256)
    """,
}
_AGGREGATES = {
    "x": """
    any_value approx_count_distinct avg count first kurtosis last max mean median min mode skewness std stddev
    stddev_pop stddev_samp sum try_avg try_sum var_pop var_samp variance
    """,
    "n": """
    bit_and bit_or
    """,
    "flag": """
    any bool_and bool_or count_if every some
    """,
    "*": """
    approx_percentile(x,0.5) corr(x,n) covar_pop(x,n) covar_samp(x,n) max_by(s,x) min_by(s,x) percentile(x,0.5)
    percentile_approx(x,0.5) regr_slope(x,n)
    """,
}
_SYNTAX = r"""
n + 1 * 2 - x / 2 % 3
n div 2
-n - -1
~n & 3 ^ 1
n = 1 and not x > 2 or flag
s || '-' || s
n <=> null
n is not null
flag is true
flag is not false
nothing is distinct from s
n not in (1, 2)
n in (1)
x not between 1 and 2 + 3
s like 'a%'
s not like '_b%'
s like 'a/_%' escape '/'
s ilike 'A%'
s rlike '^a.c$'
s rlike '\\d'
s regexp r'\d|a'
case when n > 1 then 'x' end
case n when 1 then 'a' else 'b' end
cast(s as binary)
try_cast(s as int)
n::bigint
cast(x as decimal(10,2))
cast(a as array<string>)
cast(m as map<string,double>)
cast(t as timestamp_ntz)
date'2013-01-31' + interval 3 days
t - interval '2' hour
d + interval '1-2' year to month
t + interval '1 day 2 hours'
t + interval 1 week
t + interval -3 minutes
timestamp'2013-01-01 10:00:00'
extract(year from t)
extract(dayofweek_iso from d)
a[0]
m['k']
r.f
r.`g.h`
`a.b` + 1
`tick``ed`
`naïve ⌘`
array(1, 2)
named_struct('f', 1).f
'it''s'
"it's"
'a\tb\n\\ \' \% \_ \u0041 \101 \d'
r'\d'
'a' 'b'
''
1L + 1.5 + 1e3 + .5 + 2D
1.0BD
null
true
N > 1
(n + 1) * 2
n - (1 - 2)
not (flag and flag)
not flag = true
a[n - 1]
n /* c */ + 1 -- end
'/* no comment */ -- nor this'
coalesce(nothing, 'x') = 'x' and n < 5
s between 'a' and 'b' and n = 1
'a' = 'a' is true
if(s in ('a','b'), 1, 0) = 0
-x
- - x
n + +1
concat(s, case when n > 1 then 'y' else 'n' end)
1 = 1 = true
cast(n as string) || s
"""


def _samples(groups: dict[str, str]) -> dict[str, str]:
    """Function → a call of it."""
    calls = [
        word if "(" in word else f"{word}({arguments if arguments != '*' else ''})"
        for arguments, words in groups.items()
        for word in re.findall(r"(?:[^\s']|'[^']*')+", words)
    ]
    return {re.search(r"(\w+)\(", call)[1]: call for call in calls}


def _one_row(spark: SparkSession):
    row = "1, 2.5D, 'abc', date'2013-03-10', timestamp'2013-03-10 02:30:15', array(1,2), map('k',1), "
    row += "named_struct('f',1,'g.h','y'), 7, 8, '⌘', true, '{\"k\":1}', cast('abc' as binary), cast(null as string)"
    return spark.sql(f"select * from values ({row}) as v({', '.join(f'c{i}' for i in range(15))})").toDF(*NAMES)


def _differences(spark: SparkSession, texts: list[str], **options: bool) -> list[tuple[str, str, object, object]]:
    """The expressions whose rendered text gives another value than the text itself; one job for all."""
    from pyspark.sql import functions as F

    rendered = [compiled(text, NAMES.plus(["N"]), **options) for text in texts]
    both = [F.expr(sql).alias(f"v{i}") for i, sql in enumerate([*texts, *rendered])]
    values = list(_one_row(spark).select(*both).first())
    pairs = zip(texts, rendered, values[: len(texts)], values[len(texts) :], strict=True)
    return [pair for pair in pairs if repr(pair[2]) != repr(pair[3])]


def test_every_allowed_function_has_a_sample_call() -> None:
    assert set(_samples(_ARGUMENTS)) == ALLOWED
    assert set(_samples(_AGGREGATES)) == AGGREGATES


def test_every_allowed_function_means_the_same_after_rendering(spark: SparkSession) -> None:
    assert _differences(spark, list(_samples(_ARGUMENTS).values())) == []


def test_every_aggregate_means_the_same_after_rendering(spark: SparkSession) -> None:
    assert _differences(spark, [*_samples(_AGGREGATES).values(), "count(*)"], allow_aggregates=True) == []


def test_operators_literals_and_names_mean_the_same_after_rendering(spark: SparkSession) -> None:
    assert _differences(spark, _SYNTAX.strip().splitlines()) == []


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("is_late(n)", "'is_late' is not a function"),
        ("lowr(s)", "Did you mean 'lower'?"),
        ("reflect('java.lang.System', 'exit')", "'reflect' runs code outside Spark"),
        ("java_method('java.lang.System', 'exit')", "'java_method' runs code outside Spark"),
        ("`reflect`('a', 'b')", "backticks"),
        ("system.builtin.reflect('a', 'b')", "dots"),
        ("raise_error('x')", "'raise_error' raises errors on purpose"),
        ("rand() < 0.5", "'rand' does not give the same value each time"),
        ("uuid()", "'uuid' does not give the same value"),
        ("current_timestamp", "'current_timestamp' does not give the same value"),
        ("current_timestamp()", "'current_timestamp' does not give the same value"),
        ("{fn now()}", "'now' does not give the same value"),
        ("current_user", "'current_user' looks at the session"),
        ("input_file_name()", "'input_file_name' looks at the session"),
        ("explode(a)", "'explode' gives several rows"),
        ("avg(x)", "'avg' looks at many rows"),
        ("row_number() over (order by n)", "window"),
        ("sum(x) filter (where n > 1)", "filter clause"),
        ("(select max(secret) from canary)", "subquery"),
        ("n in (select 1)", "subquery"),
        ("exists(select 1)", "subquery"),
        ("n = any(select 1)", "subquery"),
        ("transform(a, v -> v + 1)", "lambda"),
        ("coalesce(v -> v)", "lambda"),
        ("coalesce(n => 1)", "lambda or named argument"),
        ("count(distinct n)", "'count' looks at many rows"),
        ("coalesce(distinct n)", "DISTINCT"),
        ("*", "'*'"),
        ("r.*", "'*'"),
        ("n, x", "',' is not expected"),
        ("n; drop table canary", "not expected"),
        ("n as m", "'as' is not expected"),
        ("select 1", "statement"),
        ("drop table canary", "statement"),
        ("from csv.`/etc/passwd`", "statement"),
        ("{{ n }}", "template"),
        ("${n}", "template"),
        (":n", "template"),
        ("?", "template"),
        ("array(1, 2)[0]", "element_at"),
        ("a[0:1]", "slice"),
        ("interval n days", "make_dt_interval"),
        ("cast(n as variant)", "'variant' is not a type"),
        ("cast(n as decimal(1,2,3))", "takes no such size"),
        ("'abc", "not closed"),
        ("(n", "not"),
        ("", "empty"),
        ("-- nothing", "empty"),
        ("n\0", "NUL"),
        ("'\\ud800'", "no character"),
        ("n at time zone 'x'", "AT TIME ZONE"),
    ],
)
def test_what_an_expression_may_not_say_is_refused_with_its_reason(sql: str, said: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(said)) as caught:
        compiled(sql, NAMES, key="where")
    assert caught.value.key == "where"
    assert "\n" not in str(caught.value)


def test_allowed_and_refused_functions_do_not_overlap() -> None:
    assert not (ALLOWED | AGGREGATES) & set(REFUSED)


def test_an_unknown_column_is_told_with_the_nearest_one() -> None:
    with pytest.raises(ConfigError) as caught:
        compiled("carier = 'AA'", Names("gold", ("carrier", "origin")), key="features[2].sql")
    told = "features[2].sql: 'carier' is not a column of gold (2 columns). Did you mean 'carrier'?"
    assert str(caught.value) == told


def test_a_file_read_is_only_an_unknown_column(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="'csv' is not a column"):
        compiled(f"csv.`{tmp_path}`", NAMES)


def test_columns_are_told_in_order_and_by_the_struct_they_are_in() -> None:
    assert columns_in("r.f + if(n > 1, `a.b`, n) + r.`g.h` + N") == ("r", "n", "a.b", "N")


def test_every_column_is_quoted_and_comments_are_gone() -> None:
    assert compiled("n /* x */ + `tick``ed` -- y", NAMES) == "`n` + `tick``ed`"


@pytest.mark.parametrize(
    "sql",
    [
        "(" * 5000,
        "(" * 30 + "n" + ")" * 30,
        "not " * 2000 + "flag",
        "- " * 3000 + "n",
        "n" + " + n" * 2000,
        "coalesce(" * 25 + "n" + ")" * 25,
        "case when " * 900,
        "n" * 10_001,
        "a[" * 3000,
        "n and not (" * 19 + "n" + ")" * 19,
        "cast(n as " + "array<" * 1000,
        "n" + "+(n-(n*(n" * 4 + ")))" * 4,
        "~" * 5000 + "n",
        "'" * 9999,
        "/*" * 5000,
    ],
    ids=range(15),
)
def test_deep_and_long_expressions_are_answered_at_once(sql: str) -> None:
    started = time.monotonic()
    with contextlib.suppress(ConfigError):
        compiled(sql, NAMES)
    assert time.monotonic() - started < 5


def test_what_is_just_within_the_limits_runs_in_spark(spark: SparkSession) -> None:
    texts = ["abs(" * 18 + "n" + ")" * 18, "(" * 18 + "n" + ")" * 18, "n" + " + n" * 199, "flag" + " or flag" * 199]
    texts += ["not " * 35 + "flag", "case when flag then " * 15 + "1" + " end" * 15, "n" + "+(n*2" * 15 + ")" * 15]
    assert _differences(spark, texts) == []


def test_aggregates_are_read_only_where_they_are_asked_for() -> None:
    assert compiled("avg(x) / count(*)", NAMES, allow_aggregates=True) == "avg(`x`) / count(*)"
    for sql, said in (("x + avg(x)", "outside an aggregate"), ("avg(sum(x))", "do not nest"), ("1", "no aggregate")):
        with pytest.raises(ConfigError, match=said):
            compiled(sql, NAMES, allow_aggregates=True)


class Rule(BaseModel):
    where: Expression
    value: AggregateExpression = "count(*)"


def test_a_field_of_a_piece_is_checked_when_it_is_read_and_keeps_its_text() -> None:
    assert Rule(where="n  >  1").where == "n  >  1"
    with pytest.raises(ValidationError, match="runs code outside Spark"):
        Rule(where="reflect('a', 'b')")
    with pytest.raises(ValidationError, match="no aggregate"):
        Rule(where="n", value="1")
