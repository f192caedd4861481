"""How much memory an image may take, and what happens when there is less."""

import random
import resource
import subprocess
import sys
import zlib

import pytest

from images.crafted import BOMB_BYTES, chunk, encoded, exif, named, png

LIMIT_BYTES = 1 << 30
"""Of memory, for a program that reads the worst of them: half of it is what libraries take."""

READ_THEM = """
import sys
from limner.domain.errors import DrawingError
from limner.images.inspect import inspect
for path in sys.argv[1:]:
    with open(path, "rb") as file:
        data = file.read()
    try:
        inspect(data)
    except DrawingError as error:
        print(error.detail)
    else:
        print("fine")
"""


def test_the_worst_that_may_come_is_read_with_the_memory_there_is(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("worst")
    noise = random.Random(0).randbytes(1000)  # noqa: S311 - no secret
    worst = {
        "largest.png": png(width=8000, height=5000),
        "hidden.png": png(rows=bytes(121 * 30 + BOMB_BYTES)),
        "text.png": png(chunk(b"zTXt", b"x\0\0" + zlib.compress(bytes(BOMB_BYTES)))),
        "canvas.webp": named(encoded("WEBP", exif=exif()), 2**24),
        "claims.png": png(width=60_000, height=60_000, rows=noise),
    }
    for name, data in worst.items():
        (folder / name).write_bytes(data)
    done = subprocess.run(
        [sys.executable, "-c", READ_THEM, *(str(folder / name) for name in worst)],
        capture_output=True,
        text=True,
        timeout=50,
        check=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (LIMIT_BYTES, LIMIT_BYTES)),
    )
    assert done.stdout.splitlines() == [
        "fine",
        "fine",
        "fine",
        "16777216x30 pixels are too many",
        "60000x60000 pixels are too many",
    ]


SHORT_OF_MEMORY = """
import resource, sys
from limner.images.inspect import inspect
with open(sys.argv[1], "rb") as file:
    data = file.read()
with open(sys.argv[2], "rb") as file:
    inspect(file.read())  # all that is loaded only when it is needed
with open("/proc/self/statm") as file:
    limit = int(file.read().split()[0]) * resource.getpagesize() + 30_000_000
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
try:
    inspect(data)
except MemoryError:
    print("too little memory")
"""


def test_an_image_is_not_refused_for_want_of_memory(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("memory")
    (folder / "large.png").write_bytes(png(width=8000, height=5000))
    (folder / "small.png").write_bytes(png())
    done = subprocess.run(
        [sys.executable, "-c", SHORT_OF_MEMORY, folder / "large.png", folder / "small.png"],
        capture_output=True,
        text=True,
        timeout=50,
        check=True,
    )
    assert done.stdout == "too little memory\n"
