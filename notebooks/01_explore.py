# Databricks notebook source
# MAGIC %md
# MAGIC # Explore what a model will learn from
# MAGIC
# MAGIC From raw files to gold, one row per key with its label and its split, and then a look at it: a profile, SQL,
# MAGIC plots. The example is `conf/wine.yml`: the cultivar of a wine, from thirteen chemical measurements of 178
# MAGIC wines. The queries and plots name its columns; everything else takes any project.

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

from pathlib import Path

from lakesmith import api, demo_data

project = api.open(dbutils.widgets.get("project"), env=dbutils.widgets.get("env") or None)
files = demo_data.unpack(Path(project.places.data))  # the examples' raw files; leave out for data of your own
project.run(select="+derive")

# COMMAND ----------

# MAGIC %md
# MAGIC ## Profile
# MAGIC
# MAGIC Every column, what alone tells of the label, what is missing and what would leak. Two passes, whatever the
# MAGIC width.

# COMMAND ----------

profile = project.profile()
print(f"{profile.rows:,} rows, {len(profile.columns)} columns, {len(profile.leaks)} leaks")
profile

# COMMAND ----------

# MAGIC %md
# MAGIC ## SQL
# MAGIC
# MAGIC `table` reads in the notebook's own session, so that gold is a view for `%sql` as soon as it has a name. The
# MAGIC rows of a `%sql` cell are `_sqldf` afterwards.

# COMMAND ----------

gold = project.table("gold")
gold.createOrReplaceTempView("gold")
display(gold)

# COMMAND ----------

# MAGIC %sql
# MAGIC SELECT cultivar,
# MAGIC        count(*) AS wines,
# MAGIC        count_if(_lakesmith_split = 'test') AS test_wines,
# MAGIC        round(avg(alcohol), 2) AS alcohol,
# MAGIC        round(avg(flavanoids), 2) AS flavanoids,
# MAGIC        round(avg(proline)) AS proline
# MAGIC FROM gold
# MAGIC GROUP BY cultivar
# MAGIC ORDER BY cultivar

# COMMAND ----------

print(f"{_sqldf.count()} cultivars, the strongest of {_sqldf.agg({'alcohol': 'max'}).first()[0]} % alcohol on average")

# COMMAND ----------

# MAGIC %md
# MAGIC ## Plots
# MAGIC
# MAGIC What stands on the axis (keys), what is measured (values), by which group, added up how. Spark counts; at most
# MAGIC two actions a plot.

# COMMAND ----------

from lakesmith.profile.plots import plot

plot(gold, "scatter", keys="color_intensity", values="flavanoids", grouping="cultivar")

# COMMAND ----------

plot(gold, "box", keys="cultivar", values="proline")

# COMMAND ----------

plot(gold, "histogram", values="alcohol", grouping="cultivar")

# COMMAND ----------

from pyspark.sql import functions as F

by_strength = gold.withColumn("alcohol_class", F.round("alcohol", 0))
plot(by_strength, "line", keys="alcohol_class", values="color_intensity", aggregation="avg")
