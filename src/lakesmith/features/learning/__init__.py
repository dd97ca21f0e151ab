"""Learning: estimators that find a feature's values in one aggregate and give back stock Spark ML transformers.

Spark's own learn column by column (`Imputer` with mode), approximately and in the order of the partitions
(`QuantileDiscretizer`), in plans that grow with the columns, or not at all (frequencies, capped categories).
"""
