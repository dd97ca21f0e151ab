"""Plain: functions whose source text goes into generated notebooks; they import pyspark and numpy and nothing else.

A function may call others of its module: the text of those goes with it.
"""
