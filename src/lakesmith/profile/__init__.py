"""Profile: what a table looks like, column by column and together, from two passes over its rows.

`profile(frame, label="y")` gives a frozen `Profile`: numbers, warnings, and a page of HTML. The number of Spark jobs
does not grow with the number of columns: each pass turns whole batches of rows into numpy arrays on the workers
(`first_pass`, `second_pass`: what runs there), and only sums, bins and small samples come back.
"""
