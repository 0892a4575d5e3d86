"""Defines what each command of the command line takes; the command's own file is imported when it runs."""

from __future__ import annotations

import os
import signal
from enum import StrEnum
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from genart_assets.errors import GenartError
from genart_assets.records.plan import BATCH_ROWS

TELEMETRY_OFF = {"GX_ANALYTICS_ENABLED": "false", "HF_HUB_DISABLE_TELEMETRY": "1", "DAGSTER_DISABLE_TELEMETRY": "yes"}

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Turn briefs into checked and reproducible pictures.",
    epilog="GENART_HOME is the directory for everything that a run writes (default ./genart_home). "
    "Exit codes: 0 done, 1 something failed and is named, 2 the input is wrong.",
)

brief_app = typer.Typer(no_args_is_help=True, help="Make briefs.")
app.add_typer(brief_app, name="brief")

AsJson = Annotated[bool, typer.Option("--json", help="Print only one JSON object on standard output.")]
EngineName = Annotated[
    str | None,
    typer.Option(
        help="Engine for both passes: in-process, subprocess, or one that a package registers. By default, rendering "
        "runs in this process and deliveries run in another one.",
        show_default=False,
    ),
]
BatchRows = Annotated[int, typer.Option(min=1, max=1000, help="Largest number of images in a batch.")]


@app.command()
def run(
    briefs: Annotated[list[Path], typer.Argument(help="Brief files (YAML).", show_default=False)],
    batch_rows: BatchRows = BATCH_ROWS,
    engine: EngineName = None,
    as_json: AsJson = False,
) -> None:
    """Render, score, check and deliver briefs. Run the same command again to resume an interrupted run."""
    from genart_assets.cli.run import run_command

    raise typer.Exit(run_command(briefs, batch_rows=batch_rows, engine=engine, as_json=as_json))


@app.command()
def demo(
    learn: Annotated[
        bool, typer.Option("--learn", help="Show learning: from reviews to a LoRA, and a batch with it.")
    ] = False,
    batch_rows: BatchRows = BATCH_ROWS,
    engine: EngineName = None,
    as_json: AsJson = False,
) -> None:
    """Run the demo brief of the package; with --learn, the briefs and the style that show how it learns."""
    from genart_assets.cli.demo import demo_command
    from genart_assets.cli.demo_learning import learning_command

    if learn:
        raise typer.Exit(learning_command(batch_rows=batch_rows, engine=engine, as_json=as_json))
    raise typer.Exit(demo_command(batch_rows=batch_rows, engine=engine, as_json=as_json))


@brief_app.command("from-image")
def brief_from_image(
    pictures: Annotated[
        list[Path],
        typer.Argument(help="Picture files, unchanged, from a tool or a delivery.", show_default=False),
    ],
    out: Annotated[
        Path | None, typer.Option(help="A file, or a folder for one file per picture; by default standard output.")
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="Model of the briefs; by default the delivery's own, otherwise starter.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write briefs from pictures of ComfyUI, Automatic1111, InvokeAI, Fooocus or this package."""
    from genart_assets.cli.brief import from_image_command

    raise typer.Exit(from_image_command(pictures, out=out, model=model, as_json=as_json))


@app.command()
def ui(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port of the page; 0 takes any free port.")] = 3000,
    host: Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0 admits other machines.")] = "127.0.0.1",
) -> None:
    """Browse and materialise in Dagit, with the daemon for sensors and queue. Press Ctrl-C to stop both."""
    from genart_assets.cli.ui import ui_command

    raise typer.Exit(ui_command(host=host, port=port))


@app.command()
def review(
    briefs: Annotated[list[str] | None, typer.Argument(help="Brief ids; by default all.", show_default=False)] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port of the page; 0 takes any free port.")] = 3001,
    host: Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0 admits other machines.")] = "127.0.0.1",
    reviewer: Annotated[str | None, typer.Option(help="Your name in the log; by default your user name.")] = None,
    as_json: AsJson = False,
) -> None:
    """Review images: accept, reject, redo, score, tag. Press Ctrl-C to stop the page."""
    from genart_assets.cli.review import review_command

    raise typer.Exit(review_command(briefs or [], host=host, port=port, reviewer=reviewer, as_json=as_json))


@app.command()
def learn(
    style: Annotated[Path, typer.Argument(help="A style's file (YAML).", show_default=False)],
    write: Annotated[
        Path | None,
        typer.Option(help="Only write this folder, for a fine-tune on another machine.", show_default=False),
    ] = None,
    trained: Annotated[
        Path | None, typer.Option(help="Take the LoRA from such a folder after its fine-tune.", show_default=False)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Fine-tune a style's LoRA from accepted images and promote it if it is better. Run again to resume."""
    from genart_assets.cli.learn import learn_command

    raise typer.Exit(learn_command(style, write=write, trained=trained, as_json=as_json))


@app.command()
def styles(
    style: Annotated[str | None, typer.Argument(help="A style; by default all.", show_default=False)] = None,
    promote: Annotated[str | None, typer.Option(help="Promote this version: briefs get it by `promoted`.")] = None,
    forbid: Annotated[
        str | None, typer.Option(help="Forbid this version to all briefs; the previous one returns.")
    ] = None,
    roll_back: Annotated[bool, typer.Option("--roll-back", help="Promote the previous version again.")] = False,
    by: Annotated[str | None, typer.Option(help="Your name in the history; by default your user name.")] = None,
    why: Annotated[str, typer.Option(help="Your reason, for the history.")] = "",
    as_json: AsJson = False,
) -> None:
    """Show the LoRA versions of each style; promote one, roll back, or forbid one."""
    from genart_assets.cli.styles import styles_command

    raise typer.Exit(
        styles_command(style, promote=promote, forbid=forbid, roll_back=roll_back, by=by, why=why, as_json=as_json)
    )


@app.command()
def trace(
    image: Annotated[
        str, typer.Argument(help="A recipe id or its beginning, or a delivered file.", show_default=False)
    ],
    html: Annotated[Path | None, typer.Option(help="Also write a page with pictures to this file.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show how an image was made: recipe, attempts, weights, machine, scores, decisions, files."""
    from genart_assets.cli.trace import trace_command

    raise typer.Exit(trace_command(image, html=html, as_json=as_json))


@app.command()
def reproduce(
    images: Annotated[
        list[str] | None, typer.Argument(help="Recipe ids or their beginnings, or delivered files.", show_default=False)
    ] = None,
    sample: Annotated[int, typer.Option(min=0, help="Number of random images to add.")] = 0,
    brief: Annotated[str | None, typer.Option(help="Take random images of this brief only.")] = None,
    as_json: AsJson = False,
) -> None:
    """Render images again from their records alone and compare every bit. Exits with 1 if one differs."""
    from genart_assets.cli.reproduce import reproduce_command

    raise typer.Exit(reproduce_command(images or [], sample=sample, brief=brief, as_json=as_json))


@app.command()
def verify(
    files: Annotated[list[Path], typer.Argument(help="Delivered files, in any place.", show_default=False)],
    as_json: AsJson = False,
) -> None:
    """Say what the signature of a file proves. Exits with 1 if something is not proven."""
    from genart_assets.cli.verify import verify_command

    raise typer.Exit(verify_command(files, as_json=as_json))


class Kind(StrEnum):
    """What a package of one's own can add."""

    CRITIC = "critic"
    FORMAT = "format"
    MOVE = "move"
    FAMILY = "family"


@app.command()
def new(
    kind: Annotated[Kind, typer.Argument(help="What the package adds.", show_default=False)],
    name: Annotated[
        str,
        typer.Argument(help="Its name in briefs; of a family, the models' pipeline class.", show_default=False),
    ],
    as_json: AsJson = False,
) -> None:
    """Write a package of your own into a new folder: a critic, format, move or family that works, and its test."""
    from genart_assets.cli.new import new_command

    raise typer.Exit(new_command(kind.value, name, as_json=as_json))


@app.command()
def index(as_json: AsJson = False) -> None:
    """Build the index of duplicates again from the stored images, after its folder was removed."""
    from genart_assets.cli.index import index_command

    raise typer.Exit(index_command(as_json=as_json))


@app.command()
def doctor(as_json: AsJson = False) -> None:
    """Check what works on this machine, with a remedy for each problem. Exits with 1 if something fails."""
    from genart_assets.cli.doctor import doctor_command

    raise typer.Exit(doctor_command(as_json=as_json))


@app.command()
def bench(as_json: AsJson = False) -> None:
    """Measure the models' share of a 256-slot run, and its speed beside a bare diffusers loop."""
    from genart_assets.cli.bench import bench_command

    raise typer.Exit(bench_command(as_json=as_json))


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"genart-assets {version('genart-assets')}")
        raise typer.Exit


_VERSION = typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")


@app.callback()
def genart(wants_version: Annotated[bool, _VERSION] = False) -> None:
    pass


def main() -> None:
    """Run the command line; print a GenartError as message and remedy, and any other error as a traceback."""
    os.environ.update({name: value for name, value in TELEMETRY_OFF.items() if name not in os.environ})
    try:
        app()
    except GenartError as error:
        _print_error(error)
        raise SystemExit(error.exit_code) from None
    except KeyboardInterrupt:
        raise SystemExit(128 + signal.SIGINT) from None


def _print_error(error: GenartError) -> None:
    from rich.console import Console

    console = Console(stderr=True, highlight=False)
    for title, text, style in (("error", error.message, "bold red"), ("remedy", error.remedy, "bold")):
        if text:
            console.print(f"{title}:", style=style, end=" ")
            console.print(text, markup=False, soft_wrap=True)
