"""Functions that run on workers; a folder of its own, for the catalogue imports every module of the one above."""
