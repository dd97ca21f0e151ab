"""Programming by example: a small SQL expression over one text that gives each example's output from its input."""
