"""lakesmith: one YAML file in; a gated, explained, monitored Spark ML model out."""

__version__ = "0.1.0"
