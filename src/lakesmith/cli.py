"""The command line: results on stdout, everything else on stderr, and an exit code that says whose turn it is.

0 done · 2 the project file or an option is wrong · 3 the data breaks a rule · 4 a gate failed · 5 something around the
project (Java, disk, a port, a store) · 130 interrupted. `--debug` anywhere shows the traceback of an error.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import traceback
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Protocol

import typer

from lakesmith import __version__, cli_notebook, failures
from lakesmith.errors import ConfigError, ConfigErrors

commands = typer.Typer(
    name="lakesmith",
    help="One YAML file in; a gated, explained, monitored Spark ML model out.",
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


commands.add_typer(cli_notebook.commands, name="notebook")


class Output(StrEnum):
    """How a result is written to stdout."""

    text = "text"
    json = "json"


class ShowOutput(StrEnum):
    """How a project is written to stdout."""

    yaml = "yaml"
    json = "json"


class Printable(Protocol):
    """A result that can be read by people and by programs."""

    def text(self, width: int = 100, colour: bool = False) -> str: ...

    def model_dump_json(self, *, indent: int | None = None) -> str: ...


Conf = Annotated[str, typer.Argument(metavar="CONF", help="The project file, such as conf/flights.yml.")]
Env = Annotated[str | None, typer.Option("--env", metavar="NAME", help="Places from conf/env/NAME.yml.")]
Sets = Annotated[list[str] | None, typer.Option("--set", metavar="a.b=c", help="Changes one key; repeatable.")]
Workspace = Annotated[
    str | None, typer.Option("--workspace", metavar="DIR", help="Folder of tables, models and reports.")
]
AsOutput = Annotated[Output, typer.Option("--output", help="text for people, json for programs.")]


@commands.callback()
def _main(
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
) -> None:
    """One YAML file in; a gated, explained, monitored Spark ML model out."""


@commands.command()
def validate(conf: Conf, env: Env = None, sets: Sets = None, output: AsOutput = Output.text) -> None:
    """Checks a project file without starting Spark."""
    from lakesmith import api

    try:
        api.validate(conf, env, sets or ())
    except ConfigError as error:
        if output is Output.text:
            raise
        _print_json({"valid": False, "errors": [_as_json(each) for each in _single(error)]})
        raise typer.Exit(error.exit_code) from None
    if output is Output.json:
        _print_json({"valid": True, "errors": []})
    else:
        print(f"{conf} is valid.")


@commands.command()
def show(
    conf: Conf,
    resolved: Annotated[bool, typer.Option("--resolved", help="With all defaults and the places written out.")] = False,
    env: Env = None,
    sets: Sets = None,
    output: Annotated[ShowOutput, typer.Option("--output", help="yaml or json.")] = ShowOutput.yaml,
) -> None:
    """Prints a project as it was read, or with everything it leaves out."""
    from lakesmith import api, yaml_file

    if not resolved:
        data = yaml_file.set_values(yaml_file.read(conf), sets or ()).data
        _print_json(data) if output is ShowOutput.json else print(yaml_file.dump(data), end="")
        return
    found = api.resolved(conf, env, sets or ())
    if output is ShowOutput.json:
        _print_json(found)
        return
    print(yaml_file.dump(found["project"]), end="")
    for line in yaml_file.dump({"places": found["places"]}).splitlines():
        print(f"# {line}")


@commands.command()
def schema() -> None:
    """Prints the JSON Schema of a project file, for editors."""
    from lakesmith.project import json_schema

    _print_json(json_schema())


@commands.command()
def run(
    conf: Conf,
    select: Annotated[
        str | None, typer.Option("--select", metavar="STAGES", help="train, train+ (from it), +train (up to it), a,b.")
    ] = None,
    sets: Sets = None,
    env: Env = None,
    workspace: Workspace = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only name the stages that would run.")] = False,
    output: AsOutput = Output.text,
) -> None:
    """Runs the stages: raw files, bronze, silver, gold, model, gates, registry, predictions, report."""
    from lakesmith import api

    if dry_run:
        stages = api.plan(conf, env=env, sets=sets or (), select=select)
        _print_json({"stages": stages}) if output is Output.json else print("\n".join(stages))
        return
    summary = api.run(conf, env=env, sets=sets or (), select=select, workspace=workspace)
    _print(summary, output)
    raise typer.Exit(summary.exit_code)


@commands.command()
def status(
    conf: Annotated[
        str | None, typer.Argument(metavar="[CONF]", help="A project file; its folder's workspace.")
    ] = None,
    env: Env = None,
    workspace: Workspace = None,
    output: AsOutput = Output.text,
) -> None:
    """Tells where every project of a workspace stands."""
    from lakesmith import api

    _print(api.status(conf, env=env, workspace=workspace), output)


@commands.command()
def doctor(
    conf: Annotated[
        str | None, typer.Argument(metavar="[CONF]", help="A project file; checked too, against this compute.")
    ] = None,
    env: Env = None,
    workspace: Workspace = None,
    output: AsOutput = Output.text,
) -> None:
    """Looks for what would stop a run: Java, Spark, Python, disk, memory, MLflow, Databricks; starts no Spark."""
    from lakesmith import api

    diagnosis = api.doctor(conf, env=env, workspace=workspace)
    _print(diagnosis, output)
    raise typer.Exit(diagnosis.exit_code)


@commands.command()
def rollback(conf: Conf, env: Env = None, workspace: Workspace = None, output: AsOutput = Output.text) -> None:
    """Makes the version that was champion before champion again."""
    from lakesmith import api

    result = api.rollback(conf, env=env, workspace=workspace)
    print(result.model_dump_json(indent=2) if output is Output.json else "\n".join(result.told()))


@commands.command()
def profile(
    path: Annotated[str, typer.Argument(metavar="CONF|DATA", help="A project file, or a file, folder or Delta table.")],
    label: Annotated[str | None, typer.Option("--label", metavar="COLUMN", help="What shall be predicted.")] = None,
    time: Annotated[str | None, typer.Option("--time", metavar="COLUMN", help="When a prediction is due.")] = None,
    percentiles: Annotated[
        list[float] | None, typer.Option("--percentile", metavar="P", min=0, max=100, help="Repeatable; 0 to 100.")
    ] = None,
    plots: Annotated[
        list[str] | None,
        typer.Option("--plot", metavar="KIND,…", help="bar,keys=a,values=b,grouping=c,aggregation=avg; repeatable."),
    ] = None,
    env: Env = None,
    sets: Sets = None,
    workspace: Workspace = None,
    output: AsOutput = Output.text,
) -> None:
    """Looks at a table: every column, what tells of the label, what is missing, what leaks; writes a page."""
    from lakesmith import api
    from lakesmith.profile.words import text

    shares = [each / 100 for each in percentiles] if percentiles else None
    found, page = api.profile(
        path, label=label, time=time, percentiles=shares, plots=plots or (), env=env, sets=sets or (),
        workspace=workspace,
    )  # fmt: skip
    print(found.model_dump_json(indent=2) if output is Output.json else f"{text(found)}\npage       {page}")


@commands.command()
def init(
    data: Annotated[str, typer.Argument(metavar="DATA", help="A csv, json or parquet file, a folder, a Delta table.")],
    label: Annotated[str, typer.Option("--label", metavar="COLUMN", help="What shall be predicted.")],
    to: Annotated[
        str | None, typer.Option("--to", metavar="FILE", help="Default: conf/<name of the data>.yml.")
    ] = None,
    env: Env = None,
    workspace: Workspace = None,
) -> None:
    """Writes a first project file for a table nobody has described yet; it runs as it is."""
    from lakesmith import api
    from lakesmith.profile.words import warnings

    path, found = api.init(data, label=label, target=to, env=env, workspace=workspace)
    print("\n".join([*warnings(found), f"written    {path}", f"next       lakesmith run {path}"]))


@commands.command()
def ui(
    workspace: Workspace = None,
    env: Env = None,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port on loopback.")] = 5000,
) -> None:
    """Opens MLflow's pages on the workspace, for this machine only."""
    from lakesmith import api

    command = api.ui_command(port=port, env=env, workspace=workspace)
    # The server takes this process's place, so that signals reach it; its job runners serve nothing we log.
    settings = {"MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
    os.execve(command[0], command, os.environ | settings)


@commands.command()
def demo_data(
    workspace: Workspace = None,
    env: Env = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print nothing.")] = False,
) -> None:
    """Unpacks the raw files of the example projects into the workspace."""
    from lakesmith import demo_data as data
    from lakesmith import places

    for path in data.unpack(Path(places.load(Path("conf") / "project.yml", env, workspace).data)):
        if not quiet:
            print(path)


@commands.command()
def version() -> None:
    """Prints the version."""
    print(__version__)


def app(arguments: Sequence[str] | None = None) -> None:
    """Runs one command and ends the process with its exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # a narrow encoding costs a character, not the result
    try:
        code = commands(
            args=[word for word in given if word != "--debug"], prog_name="lakesmith", standalone_mode=False
        )
        sys.stdout.flush()
        if code == failures.INTERRUPTED:  # typer catches the interrupt and says nothing
            print(failures.STOPPED, file=sys.stderr)
    except BrokenPipeError:  # the reader of stdout has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        code = 0
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 (the one place where any error becomes a line)
        if "--debug" in given:
            traceback.print_exc()
        told, code = failures.lines(error)
        print("\n".join(told), file=sys.stderr)
    sys.exit(code or 0)


def _single(error: ConfigError) -> Sequence[ConfigError]:
    return error.errors if isinstance(error, ConfigErrors) else (error,)


def _as_json(error: ConfigError) -> dict[str, str]:
    return {"place": error.place, "key": error.key, "message": error.message, "fix": error.fix}


def _print(result: Printable, output: Output) -> None:
    if output is Output.json:
        print(result.model_dump_json(indent=2))
        return
    colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    print(result.text(width=shutil.get_terminal_size((100, 24)).columns, colour=colour))


def _print_json(value: Any) -> None:
    print(json.dumps(value, indent=2, ensure_ascii=False))
