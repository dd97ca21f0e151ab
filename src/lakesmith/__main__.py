"""`python -m lakesmith` is `lakesmith`."""

from lakesmith.cli import app

if __name__ == "__main__":
    app()
