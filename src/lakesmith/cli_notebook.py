"""`lakesmith notebook …`: notebooks run, converted and generated from the shell."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from lakesmith.errors import ConfigError

if TYPE_CHECKING:
    from lakesmith.notebooks.runner import CellRun


class Which(StrEnum):
    """A version, by its alias."""

    challenger = "challenger"
    champion = "champion"


commands = typer.Typer(help="Runs, converts and generates notebooks in Databricks source format.", no_args_is_help=True)

Given = Annotated[str, typer.Argument(metavar="NOTEBOOK", help="A notebook, such as notebooks/01_explore.py.")]


@commands.command("run")
def run_(
    notebook: Given,
    param: Annotated[
        list[str] | None,
        typer.Option(
            "--param", metavar="name=value", help="Value of a widget; paths as the notebook's folder sees them."
        ),
    ] = None,
    to: Annotated[
        str | None, typer.Option("--to", metavar="FILE", help="An .html page or an .ipynb with what the cells showed.")
    ] = None,
    workspace: Annotated[
        str | None, typer.Option("--workspace", metavar="DIR", help="Folder of tables, models and reports.")
    ] = None,
) -> None:
    """Runs a notebook from its first cell to its last; without --to, prints what each cell shows."""
    from lakesmith import api
    from lakesmith.wording import seconds

    def after(number: int, done: CellRun) -> None:
        print(f"cell {number}  {seconds(done.seconds)}", file=sys.stderr)
        if to is None:
            print(done.text(), end="", flush=True)

    params = dict(_pair(each) for each in param or ())
    api.run_notebook(notebook, params, target=to, workspace=workspace, after=after)
    if to is not None:
        print(f"written    {to}")


@commands.command()
def convert(
    notebook: Given,
    to: Annotated[
        str | None, typer.Option("--to", metavar="FILE", help="Default: beside the notebook, as .ipynb.")
    ] = None,
) -> None:
    """Writes a notebook as .ipynb without running it."""
    from lakesmith import api

    print(f"written    {api.convert_notebook(notebook, to)}")


@commands.command()
def generate(
    conf: Annotated[str, typer.Argument(metavar="CONF", help="The project file, such as conf/flights.yml.")],
    alias: Annotated[Which, typer.Option("--alias", help="Which version.")] = Which.challenger,
    to: Annotated[
        str | None, typer.Option("--to", metavar="FILE", help="Default: notebooks/<project>_v<version>.py.")
    ] = None,
    env: Annotated[str | None, typer.Option("--env", metavar="NAME", help="Places from conf/env/NAME.yml.")] = None,
    workspace: Annotated[
        str | None, typer.Option("--workspace", metavar="DIR", help="Folder of tables, models and reports.")
    ] = None,
) -> None:
    """Writes a version as an editable notebook in plain PySpark, which comes to the same test metrics by itself."""
    from lakesmith import api

    print(f"written    {api.generate_notebook(conf, alias=alias.value, target=to, env=env, workspace=workspace)}")


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise ConfigError(f"--param {text}: expected name=value", fix="Such as --param project=../conf/wine.yml.")
    return name, value
