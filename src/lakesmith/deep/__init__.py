"""Deep learning on tables: batches of tensors from a Spark frame or a Parquet table (`batches`)."""
