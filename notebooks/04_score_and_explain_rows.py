# Databricks notebook source
# MAGIC %md
# MAGIC # Score, and explain single rows
# MAGIC
# MAGIC The champion of `02_train` over gold, and for the rows it is least sure of, what each column's value adds to
# MAGIC their score. The queries name the columns of `conf/wine.yml`.

# COMMAND ----------

# MAGIC %md
# MAGIC On Databricks: `make dist` builds the wheel; it asks for what a runtime may lack, and leaves Spark and Delta,
# MAGIC which are the runtime's own, alone. With `lakesmith notebook run` the next cell does nothing.

# COMMAND ----------

# MAGIC %pip install ../dist/lakesmith-0.1.0-py3-none-any.whl

# COMMAND ----------

dbutils.widgets.text("project", "../conf/wine.yml", "Project file, seen from this notebook's folder")
dbutils.widgets.text("env", "", "Environment: a file of conf/env")

# COMMAND ----------

from lakesmith import api

project = api.open(dbutils.widgets.get("project"), env=dbutils.widgets.get("env") or None)
project.score()

# COMMAND ----------

# MAGIC %md
# MAGIC ## Predictions
# MAGIC
# MAGIC One row per key and model version. Rows that have a prediction by this version, and have not changed since,
# MAGIC are not scored again.

# COMMAND ----------

from pyspark.sql import functions as F

gold = project.table("gold")
champion = project.champion().model.version
predictions = project.table("predictions").where(F.col("model_version") == champion).drop("_lakesmith_digest")
gold.createOrReplaceTempView("gold")
predictions.createOrReplaceTempView("predictions")
display(predictions.orderBy("probability"))

# COMMAND ----------

# MAGIC %sql
# MAGIC SELECT cultivar,
# MAGIC        prediction,
# MAGIC        count(*) AS test_wines,
# MAGIC        round(min(probability), 3) AS least_probability,
# MAGIC        round(avg(probability), 3) AS mean_probability
# MAGIC FROM predictions JOIN gold USING (wine_id)
# MAGIC WHERE _lakesmith_split = 'test'
# MAGIC GROUP BY cultivar, prediction
# MAGIC ORDER BY cultivar, prediction

# COMMAND ----------

from lakesmith.profile.plots import plot

plot(predictions, "histogram", values="probability", grouping="prediction")

# COMMAND ----------

# MAGIC %md
# MAGIC ## Why?
# MAGIC
# MAGIC The score of a row minus its mean score when one column's value is taken from each of thirty training rows.
# MAGIC What columns do only together is not told apart, so that the differences do not add up to the score.

# COMMAND ----------

unsure = predictions.orderBy("probability").limit(3)
explanations = project.explain(gold.join(unsure, on="wine_id", how="left_semi"))
explanations

# COMMAND ----------

additions = spark.createDataFrame(
    [(row.key, each.column, each.difference) for row in explanations.rows for each in row.additions[:6]],
    "wine string, column string, difference double",
)
plot(additions, "bar", keys="column", values="difference", grouping="wine")
