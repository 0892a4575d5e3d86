"""A shell in a pseudo-terminal: types commands, records what appears, and draws the screen as pictures."""

from __future__ import annotations

import json
import os
import pty
import select
import struct
import termios
import time
from collections.abc import Iterator, Sequence
from fcntl import ioctl
from importlib.resources import files
from pathlib import Path

import pyte
from PIL import Image, ImageDraw, ImageFont

COLUMNS, LINES = 100, 27
PROMPT = "$ "
TYPING_SECONDS = 0.06
"""Between two keys."""
READ_BYTES = 65536

FONT = Path(str(files("matplotlib") / "mpl-data/fonts/ttf/DejaVuSansMono.ttf"))
BOLD = FONT.with_name("DejaVuSansMono-Bold.ttf")
BRAILLE = FONT.with_name("DejaVuSans.ttf")
"""Has the dots of progress spinners, which the other two lack."""
FONT_PX = 14
BACKGROUND, FOREGROUND = "#131416", "#d7dae0"
COLOURS = {
    "black": "#3b3f46",
    "red": "#e86671",
    "green": "#8cc265",
    "brown": "#d5a458",
    "blue": "#5aa7e8",
    "magenta": "#c678dd",
    "cyan": "#42b3c2",
    "white": "#d7dae0",
}
"""pyte's names of the eight colours; it calls yellow brown."""


def record(commands: Sequence[str], environment: dict[str, str], file: Path) -> None:
    """Type the commands into a shell, each when the one before has ended; write seconds and output, a line each."""
    pid, terminal = pty.fork()
    if pid == 0:
        shell = {**environment, "PS1": PROMPT, "TERM": "xterm-256color", "COLUMNS": str(COLUMNS), "LINES": str(LINES)}
        os.execvpe("bash", ["bash", "--norc", "--noprofile", "-i"], shell)
    ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
    began = time.monotonic()
    screen = pyte.Screen(COLUMNS, LINES)
    stream = pyte.ByteStream(screen)
    with file.open("w", encoding="utf-8") as log:

        def read(seconds: float) -> bool:
            if not select.select([terminal], [], [], seconds)[0]:
                return False
            data = os.read(terminal, READ_BYTES)
            stream.feed(data)
            log.write(json.dumps([round(time.monotonic() - began, 3), data.decode("latin-1")]) + "\n")
            return True

        def at_the_prompt() -> bool:
            return screen.cursor.x == len(PROMPT) and screen.display[screen.cursor.y].rstrip() == PROMPT.rstrip()

        while not at_the_prompt():
            read(1.0)
        for command in commands:
            for key in command:
                os.write(terminal, key.encode())
                read(TYPING_SECONDS)
            os.write(terminal, b"\n")
            read(TYPING_SECONDS)
            while not at_the_prompt():
                read(1.0)
        os.write(terminal, b"exit\n")
    os.waitpid(pid, 0)


def screens(file: Path) -> Iterator[tuple[float, pyte.Screen]]:
    """Seconds and the screen after each output of a recording; the screen is one object, which goes on changing."""
    screen = pyte.Screen(COLUMNS, LINES)
    stream = pyte.ByteStream(screen)
    for line in file.read_text(encoding="utf-8").splitlines():
        seconds, data = json.loads(line)
        stream.feed(data.encode("latin-1"))
        yield seconds, screen


def draw(screen: pyte.Screen, size: tuple[int, int]) -> Image.Image:
    """The screen as a picture of ``size`` px, the text in its top left corner."""
    regular, bold, braille = (ImageFont.truetype(str(font), FONT_PX) for font in (FONT, BOLD, BRAILLE))
    picture = Image.new("RGB", size, BACKGROUND)
    pen = ImageDraw.Draw(picture)
    cell = regular.getlength("m")
    step = (size[1] - 2 * FONT_PX) / LINES
    for row in range(LINES):
        for column, character in screen.buffer[row].items():
            if character.data.strip() or character.reverse:
                place = (FONT_PX + column * cell, FONT_PX + row * step)
                font = braille if "\u2800" <= character.data <= "\u28ff" else bold if character.bold else regular
                pen.text(place, character.data, _colour(character.fg), font)
    return picture


def _colour(name: str) -> str:
    plain = name.removeprefix("bright")
    if plain in COLOURS:
        return COLOURS[plain]
    return FOREGROUND if name == "default" else f"#{name}"
