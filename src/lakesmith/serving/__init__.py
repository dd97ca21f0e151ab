"""Serving: a registered model answering single requests."""
