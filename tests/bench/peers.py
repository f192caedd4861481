"""What the peers are made of, fetched on demand into the hidden folder `.bench` of the checkout.

Nothing of the system is changed: Python packages go into a venv, those of Node into `node_modules`,
and Debian's nginx with nchan is unpacked, not installed. What can't be had is left out of the run,
and the results say why. `make clean` removes the folder.
"""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, STDOUT
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from rich.console import Console

FOLDER = Path(__file__).parents[2] / ".bench"
VENV = FOLDER / "venv"
PYTHON = VENV / "bin" / "python"
NODE_FOLDER = FOLDER / "node"
NGINX_FOLDER = FOLDER / "nginx"
NGINX = NGINX_FOLDER / "usr/sbin/nginx"
NCHAN = NGINX_FOLDER / "usr/lib/nginx/modules/ngx_nchan_module.so"
SAME_AS_LIMNER = (
    *("starlette", "sse-starlette", "uvicorn", "uvloop", "httptools"),
    *("redis", "hiredis", "asyncpg", "arq"),
)
"""In the release that Limner itself runs with, so that no figure is one of an older uvicorn."""
NEWEST = ("saq[redis]", "matplotlib")
CELERY_VENV = FOLDER / "celery"
CELERY_PYTHON = CELERY_VENV / "bin" / "python"
CELERY = ("celery[redis]", "hiredis")
"""Alone, because it wants a newer redis-py than arq can work with."""
NODE_PACKAGES = ("better-sse", "redis", "pg")
DEBIAN_PACKAGES = ("nginx", "libnginx-mod-nchan")
INSTALL_SECONDS = 300.0


class MissingPeerError(Exception):
    """A peer that can't be had on this machine, with the reason as its sentence."""


@dataclass(frozen=True)
class Peers:
    """What could be had."""

    versions: dict[str, str]
    """Of each package, by name."""
    missing: dict[str, str]
    """Why something can't be had, by kind: `python`, `celery`, `node`, `nchan`."""

    def need(self, kind: str) -> None:
        """Go on only with this.

        Raises:
            MissingPeerError: it can't be had.
        """
        if kind in self.missing:
            raise MissingPeerError(self.missing[kind])


async def fetch(console: Console) -> Peers:
    """Install what is not there yet; a second call is quick and needs no network."""
    FOLDER.mkdir(exist_ok=True)
    versions: dict[str, str] = {}
    missing: dict[str, str] = {}
    installs = {"python": _python, "celery": _celery, "node": _node, "nchan": _nchan}
    for kind, install in installs.items():
        try:
            versions |= await install(console)
        except MissingPeerError as error:
            missing[kind] = str(error)
            console.print(f"Without {kind}: {error}")
    return Peers(versions, missing)


async def _python(console: Console) -> dict[str, str]:
    pinned = [f"{name}=={metadata.version(name)}" for name in SAME_AS_LIMNER]
    wanted = [*pinned, *NEWEST]
    mark = FOLDER / "python.installed"
    if not mark.exists() or mark.read_text(encoding="utf-8") != "\n".join(wanted):
        console.print("Installing the Python peers into .bench/venv, which takes a minute")
        await _run([sys.executable, "-m", "venv", str(VENV)])
        await _run([str(PYTHON), "-m", "pip", "install", "--quiet", *wanted])
        mark.write_text("\n".join(wanted), encoding="utf-8")
    listed = await _run([str(PYTHON), "-m", "pip", "list", "--format", "json"])
    found = {one["name"]: one["version"] for one in json.loads(listed)}
    names = {*SAME_AS_LIMNER, "saq", "matplotlib"}
    return {name: version for name, version in found.items() if name in names}


async def _celery(console: Console) -> dict[str, str]:
    if not (CELERY_VENV / "bin" / "celery").exists():
        console.print("Installing Celery into .bench/celery")
        await _run([sys.executable, "-m", "venv", str(CELERY_VENV)])
        await _run([str(CELERY_PYTHON), "-m", "pip", "install", "--quiet", *CELERY])
    listed = await _run([str(CELERY_PYTHON), "-m", "pip", "list", "--format", "json"])
    found = {one["name"]: one["version"] for one in json.loads(listed)}
    return {"celery": found["celery"], "redis (Celery's)": found["redis"]}


async def _node(console: Console) -> dict[str, str]:
    node = (await _run(["node", "--version"])).strip()
    packages = NODE_FOLDER / "node_modules"
    if not all((packages / name).exists() for name in NODE_PACKAGES):
        console.print("Installing the Node peers into .bench/node")
        NODE_FOLDER.mkdir(exist_ok=True)
        npm = ["npm", "install", "--silent", "--no-audit", "--no-fund"]
        await _run([*npm, "--prefix", str(NODE_FOLDER), *NODE_PACKAGES])
    found = {"node": node}
    for name in NODE_PACKAGES:
        about = json.loads((packages / name / "package.json").read_text(encoding="utf-8"))
        found[f"{name} (npm)"] = str(about["version"])
    return found


async def _nchan(console: Console) -> dict[str, str]:
    packages = FOLDER / "debian"
    if not NCHAN.exists():
        console.print("Unpacking nginx with nchan into .bench/nginx")
        packages.mkdir(exist_ok=True)
        await _run(["apt-get", "download", "-qq", *DEBIAN_PACKAGES], folder=packages)
        for package in packages.glob("*.deb"):
            await _run(["dpkg-deb", "--extract", str(package), str(NGINX_FOLDER)])
    said = await _run([str(NGINX), "-v"])  # whether its libraries are there
    nchan = next(packages.glob("libnginx-mod-nchan_*.deb")).name.split("_")[1]
    return {"nginx": said.rpartition("/")[2].strip(), "nchan": nchan.replace("%3a", ":")}


async def _run(command: Sequence[str], *, folder: Path | None = None) -> str:
    """What a command says, once it has ended well."""
    try:
        process = await asyncio.create_subprocess_exec(
            *command, stdout=PIPE, stderr=STDOUT, cwd=folder
        )
    except FileNotFoundError as error:
        raise MissingPeerError(f"{command[0]} is not installed") from error
    try:
        async with asyncio.timeout(INSTALL_SECONDS):
            raw, _ = await process.communicate()
    except BaseException:
        process.kill()
        await process.wait()
        raise
    said = raw.decode(errors="replace")
    if process.returncode != 0:
        last = said.strip().splitlines()[-1:] or ["and said nothing"]
        raise MissingPeerError(f"{' '.join(command[:4])}: {last[0]}")
    return said
