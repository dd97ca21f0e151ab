"""Words and embeddings: in agreement with scikit-learn and numpy, the same from the same rows, and named."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pyspark.ml import PipelineModel
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer

from builders import count_jobs, frame
from features.vectors import feature, fit, learned, plan_of, slot_values
from lakesmith.errors import ConfigError
from lakesmith.features import Feature
from lakesmith.pipelines import FEATURES, notes, slot_names, slots

TITLES = ["late plane from NYC", "Late again: plane, crew and Ümit's bag", "on time", "crew on time, plane on time", ""]


def texts(spark: SparkSession, partitions: int = 1) -> DataFrame:
    rows = [(i, TITLES[i % 5], "ua" if i % 2 else None, "bob" if i % 3 else "eve") for i in range(20)]
    return frame(spark, "id int, title string, carrier string, crew string", rows, partitions)


def test_counts_and_rarity_agree_with_scikit_learn(spark: SparkSession) -> None:
    df = frame(spark, "id int, title string", list(enumerate(TITLES)))
    pattern = r"[^\W_]+"
    plan, model = fit([feature(kind="count_words", columns=["title"], sequences=2)], df)
    counts = slot_values(plan, model, df)
    theirs = CountVectorizer(token_pattern=pattern, ngram_range=(1, 2))
    expected = theirs.fit_transform(TITLES).toarray()
    assert counts == {f"title={word}": list(expected[:, at]) for word, at in theirs.vocabulary_.items()}

    # So many slots that no two words share one: slot for slot the same numbers, in another order.
    plan, model = fit([feature(kind="tf_idf", columns=["title"], sequences=2, slots=5_000)], df)
    used = sorted(tuple(each) for each in slot_values(plan, model, df).values() if any(each))
    smooth = TfidfVectorizer(token_pattern=pattern, ngram_range=(1, 2), norm=None)
    # scikit-learn adds 1 to the logarithm, so that words of every row count.
    rarity = smooth.fit(TITLES).idf_ - 1
    assert np.array(used) == pytest.approx(np.array(sorted(map(tuple, (expected * rarity).T.tolist()))), abs=1e-8)


def everything() -> list[Feature]:
    return [
        feature(kind="tf_idf", columns=["title", "crew"], slots=16, stop_words="english", sequences=2, min_rows=2),
        feature(kind="count_words", columns=["title"], max_words=3, binary=True),
        feature(kind="word2vec", columns=["title", "crew"], size=3, min_count=2, passes=2),
        feature(kind="embed_categories", columns=["carrier", "crew"], size=2),
    ]


def test_the_same_training_rows_give_the_same_whatever_the_partitions_and_the_other_rows(
    spark: SparkSession, tmp_path: Path
) -> None:
    df = texts(spark).withColumn("is_train", F.col("id") < 15)
    poison = {name: F.when(F.col("is_train"), F.col(name)).otherwise(F.lit("poison")) for name in ("title", "crew")}
    frames = [each.where("is_train").drop("is_train") for each in (df, df.withColumns(poison), df.repartition(4, "id"))]
    fitted = [fit(everything(), each) for each in frames]
    values = [slot_values(plan, model, frames[0]) for plan, model in fitted]
    assert learned(fitted[0][1]) == learned(fitted[1][1]) == learned(fitted[2][1])
    assert values[0] == values[1] == values[2]

    plan, model = fitted[0]
    names = slot_names(plan, model)
    assert names[:2] == ("title tfidf 1", "title tfidf 2")
    assert names[16] == "crew tfidf 1"
    assert names[32:] == (
        *("title=plane", "title=crew", "title=late"),
        *(f"{column} vector {number}" for column in ("title", "crew") for number in (1, 2, 3)),
        *(f"{column} embedding {number}" for column in ("carrier", "crew") for number in (1, 2)),
    )
    assert {slot.of for slot in slots(plan, model)} == {"title", "crew", "carrier"}
    assert len(set(values[0]["title vector 1"])) == 5
    assert values[0]["title vector 1"][4] == 0
    model.write().save(str(tmp_path / "model"))
    again = PipelineModel.load(str(tmp_path / "model"))
    assert slot_values(plan, again, frames[0]) == values[0]


def test_embeddings_are_the_factorised_mutual_information_of_pairs(spark: SparkSession) -> None:
    rows = [(0, "x", "p"), (1, "x", "p"), (2, "y", "q"), (3, "y", "p"), (4, "z", "q")]
    df = frame(spark, "id int, a string, b string", rows)
    plan, model = fit([feature(kind="embed_categories", columns=["a", "b"], size=5)], df)
    found = slot_values(plan, model, df)
    place = {
        **{row[1]: [found[f"a embedding {n}"][i] for n in range(1, 6)] for i, row in enumerate(rows)},
        **{row[2]: [found[f"b embedding {n}"][i] for n in range(1, 6)] for i, row in enumerate(rows)},
    }
    together = np.zeros((3, 2))
    for _, a, b in rows:
        together["xyz".index(a), "pq".index(b)] += 1
    # Each pair counts in both directions, so that a category's own share is half its share of the rows.
    shares = together / together.sum() / 2
    alone = np.outer(shares.sum(axis=1), shares.sum(axis=0))
    ratio = np.divide(shares, alone, out=np.ones_like(shares), where=shares > 0)
    u, s, v = np.linalg.svd(np.maximum(np.log(ratio), 0), full_matrices=False)
    expected = np.vstack([u, v.T]) * np.sqrt(s / 2)
    expected *= np.sign(expected[np.abs(expected).argmax(axis=0), range(2)])
    places = np.array([place[value] for value in "xyzpq"])
    assert places[:, :2] == pytest.approx(expected, abs=1e-8)
    assert not places[:, 2:].any()
    unseen = slot_values(plan, model, frame(spark, "id int, a string, b string", [(9, "new", None)]))
    assert not any(value for values in unseen.values() for value in values)


def test_texts_run_as_many_jobs_for_6_columns_as_for_2(spark: SparkSession) -> None:
    def jobs(count: int) -> int:
        names = [f"t{i}" for i in range(count)]
        df = spark.range(30).select("id", *[F.concat(F.lit("word w"), F.col("id") % 5).alias(name) for name in names])
        kinds = ({"kind": "tf_idf"}, {"kind": "count_words"}, {"kind": "word2vec", "size": 2})
        pieces = [feature(columns=names, **kind) for kind in (*kinds, {"kind": "embed_categories"})]
        plan = plan_of(pieces, df)
        with count_jobs(spark) as counted:
            plan.pipeline().fit(df)
        return counted.count

    assert jobs(6) == jobs(2)


def test_words_of_any_alphabet_and_no_words_at_all(spark: SparkSession) -> None:
    rows = [(1, "straße $1 ${x} 'q'"), (2, None), (3, "…")]
    df = frame(spark, "id int, title string", rows).withColumnRenamed("title", "ti`tle. 'x'")
    piece = feature(kind="count_words", columns=["ti`tle. 'x'"], words="[^ ]+", lower_case=False)
    plan, model = fit([piece], df)
    found = slot_values(plan, model, df)
    assert found["ti`tle. 'x'=${x}"] == [1, 0, 0]
    assert list(found["ti`tle. 'x'=…"]) == [0, 0, 1]
    few = feature(kind="word2vec", columns=["ti`tle. 'x'"], min_count=9)
    plan, model = fit([few], df)
    assert notes(model) == ("no word occurs 9 times in the training rows, so that every text has zeros",)
    assert not np.any([row[0].toArray() for row in model.transform(df).select(FEATURES).collect()])


def test_what_texts_cannot_be_is_refused_where_it_stands(spark: SparkSession) -> None:
    df = texts(spark)
    twice = feature(kind="tf_idf", columns=["title"])
    for pieces, key in [
        ([feature(kind="tf_idf", columns=["title"], words="(")], "features[0].words"),
        ([twice, twice], "features[1].columns"),
        ([feature(kind="embed_categories", columns=["title"])], "features[0].columns"),
        ([feature(kind="count_words", columns=["id"])], "features[0].columns[0]"),
    ]:
        with pytest.raises(ConfigError) as raised:
            plan_of(pieces, df)
        assert raised.value.key == key
