"""The Spark functions an expression may call, and why the best-known others may not be called.

Allowed is what gives the same value for the same row wherever and whenever it runs, looks at nothing but its
arguments, and gives one value a row. A test calls every one of them in Spark.
"""

from __future__ import annotations

_MATH = """
abs acos acosh asin asinh atan atan2 atanh bin bit_count bit_get bround cbrt ceil ceiling conv cos cosh cot csc degrees
e exp expm1 factorial floor getbit greatest hex hypot least ln log log10 log1p log2 mod negative pi pmod positive pow
power radians rint round sec shiftleft shiftright shiftrightunsigned sign signum sin sinh sqrt tan tanh try_add
try_divide try_mod try_multiply try_subtract unhex width_bucket
"""
_TEXT = """
ascii base64 bit_length btrim char char_length character_length chr concat concat_ws contains decode elt encode endswith
find_in_set format_number format_string initcap instr is_valid_utf8 lcase left len length levenshtein locate lower lpad
ltrim luhn_check make_valid_utf8 mask octet_length overlay position printf regexp regexp_count regexp_extract
regexp_extract_all regexp_instr regexp_like regexp_replace regexp_substr repeat replace reverse right rlike rpad rtrim
soundex space split split_part startswith substr substring substring_index to_char to_number to_varchar translate trim
try_to_number try_validate_utf8 ucase unbase64 upper
"""
_TIME = """
add_months convert_timezone date date_add date_diff date_format date_from_unix_date date_part date_sub date_trunc
dateadd datediff datepart day dayname dayofmonth dayofweek dayofyear from_unixtime from_utc_timestamp hour last_day
make_date make_dt_interval make_timestamp make_ym_interval minute month monthname months_between next_day quarter second
timestamp timestamp_micros timestamp_millis timestamp_seconds to_date to_timestamp to_timestamp_ntz to_unix_timestamp
to_utc_timestamp trunc try_make_timestamp try_to_date try_to_timestamp unix_date unix_micros unix_millis unix_seconds
weekday weekofyear year
"""
_CONDITIONS = """
bigint binary boolean coalesce decimal double equal_null float if ifnull int isnan isnotnull isnull nanvl nullif
nullifzero nvl nvl2 smallint string tinyint zeroifnull
"""
_COLLECTIONS = """
array array_append array_compact array_contains array_distinct array_except array_insert array_intersect array_join
array_max array_min array_position array_prepend array_remove array_repeat array_size array_sort array_union
arrays_overlap arrays_zip cardinality element_at flatten from_json get get_json_object json_array_length
json_object_keys map map_concat map_contains_key map_entries map_from_arrays map_from_entries map_keys map_values
named_struct sequence size slice sort_array str_to_map struct to_json try_element_at
"""
_HASHES = "crc32 hash md5 sha sha1 sha2 xxhash64"

ALLOWED = frozenset(" ".join((_MATH, _TEXT, _TIME, _CONDITIONS, _COLLECTIONS, _HASHES)).split())

_AGGREGATES = """
any any_value approx_count_distinct approx_percentile avg bit_and bit_or bool_and bool_or corr count count_if covar_pop
covar_samp every first kurtosis last max max_by mean median min min_by mode percentile percentile_approx regr_slope
skewness some std stddev stddev_pop stddev_samp sum try_avg try_sum var_pop var_samp variance
"""
AGGREGATES = frozenset(_AGGREGATES.split())

_REASONS = {
    "does not give the same value each time it runs": """
        rand random randn randstr uniform shuffle uuid now current_date curdate current_timestamp current_time localtime
        localtimestamp unix_timestamp monotonically_increasing_id spark_partition_id""",
    "looks at the session, not at the row": """
        current_user session_user user current_catalog current_database current_schema current_timezone version
        current_role input_file_name input_file_block_start input_file_block_length""",
    "runs code outside Spark": "reflect java_method try_reflect",
    "raises errors on purpose, and one row would end the run": "raise_error assert_true",
    "gives several rows for one": """
        explode explode_outer posexplode posexplode_outer inline inline_outer stack json_tuple variant_explode""",
    "takes a lambda, and lambdas are not read": """
        filter exists forall aggregate reduce transform transform_keys transform_values zip_with map_filter
        map_zip_with""",
    "looks at other rows": """
        row_number rank dense_rank percent_rank ntile lag lead nth_value cume_dist window session_window window_time
        grouping grouping_id""",
}
REFUSED = {name: reason for reason, names in _REASONS.items() for name in names.split()}
