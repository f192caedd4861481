"""What the child runs first: `launch.py PARENT SIGNAL UID GID PASSES FOLDER COMMAND…`.

A script of its own, on the standard library alone, and not a `preexec_fn`: that would run Python
between a fork and an exec of a process with threads, and give up `vfork`. It costs 15 ms.

It becomes the account that the server runs as, asks the kernel to signal the server when its
parent dies, and turns into the server, under the same pid.
"""

import ctypes
import os
import signal
import sys
from typing import NoReturn

FAILED = 125
"""The exit status of a launch that never became the command; why is the last line on stderr."""

_PR_SET_PDEATHSIG = 1
_PR_SET_SECUREBITS = 28
_PR_CAP_AMBIENT = 47
_PR_CAP_AMBIENT_RAISE = 2
_SECBIT_NO_SETUID_FIXUP = 1 << 2
_CAPABILITY_VERSION_3 = 0x20080522
_CAP_DAC_OVERRIDE = 1
_CAP_DAC_READ_SEARCH = 2


class _CapHeader(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _CapData(ctypes.Structure):
    """One of the two halves of a process's capabilities (capget(2)); ours are in the lower."""

    _fields_ = (
        ("effective", ctypes.c_uint32),
        ("permitted", ctypes.c_uint32),
        ("inheritable", ctypes.c_uint32),
    )
    effective: int
    permitted: int
    inheritable: int


def main() -> NoReturn:
    parent, death_signal, uid, gid, passes = (int(word) for word in sys.argv[1:6])
    folder, command = sys.argv[6], sys.argv[7:]
    os.umask(0o077)
    if os.geteuid() != uid:
        _become(uid, gid)
        if not (_reach_with_least_power if passes else _reaches)(folder, command[0]):
            _fail(
                f"Account {uid}, which it runs as in place of root, can't reach {folder} or"
                f" {command[0]}; open the folders above for it, choose another folder with"
                " LIMNER_DATA_DIR, or run Limner as an ordinary user."
            )
    if sys.platform == "linux":
        # After the change of account, which clears it. The parent may have died before.
        _libc().prctl(_PR_SET_PDEATHSIG, death_signal, 0, 0, 0)
        if os.getppid() != parent:
            sys.exit(FAILED)
    for ignored_by_python in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(ignored_by_python, signal.SIG_DFL)
    try:
        os.execv(command[0], command)  # noqa: S606  # becoming the server is what this is for
    except OSError as error:
        _fail(f"{command[0]} can't be run ({error.strerror}); install Limner again.")


def _become(uid: int, gid: int) -> None:
    """Change from root to the account, keeping root's power for a moment if the kernel lets us.

    How much of it is needed can only be found out as the account. The bit stays on, because
    without it access(2), by which Postgres looks at its own program, ignores capabilities.
    """
    if sys.platform == "linux":
        _libc().prctl(_PR_SET_SECUREBITS, _SECBIT_NO_SETUID_FIXUP, 0, 0, 0)
    try:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    except OSError as error:
        _fail(
            f"Root can't become account {uid}, which it should run as ({error.strerror}); run"
            " Limner as an ordinary user, or give LIMNER_DATABASE_URL."
        )
    if sys.platform == "linux":
        _keep(effective=0, permitted=_capabilities())


def _reach_with_least_power(folder: str, program: str) -> bool:
    """Keep no capability if none is needed, else the lesser of two; say whether that sufficed.

    A folder of root's home is 0700. To open it for everybody would be a change that nobody asked
    for; so Postgres gets the right to pass through. Docker grants only the greater of the two.
    """
    held = _capabilities()
    for power in (0, 1 << _CAP_DAC_READ_SEARCH, 1 << _CAP_DAC_OVERRIDE):
        if power & held == power:
            _keep(effective=power, permitted=held)
            if _reaches(folder, program):
                _keep(effective=power, permitted=power)
                return not power or _pass_on(power)
    return False


def _reaches(folder: str, program: str) -> bool:
    whole = os.R_OK | os.W_OK | os.X_OK
    return os.access(folder, whole) and os.access(program, os.R_OK | os.X_OK)


def _capabilities() -> int:
    data = (_CapData * 2)()
    _libc().capget(ctypes.byref(_CapHeader(_CAPABILITY_VERSION_3, 0)), data)
    return data[0].permitted


def _keep(*, effective: int, permitted: int) -> None:
    data = (_CapData * 2)()
    data[0].effective, data[0].permitted, data[0].inheritable = effective, permitted, effective
    _libc().capset(ctypes.byref(_CapHeader(_CAPABILITY_VERSION_3, 0)), data)


def _pass_on(power: int) -> bool:
    """Make the one capability ambient: it outlives the exec."""
    bit = power.bit_length() - 1
    return bool(_libc().prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, bit, 0, 0) == 0)


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _fail(sentence: str) -> NoReturn:
    sys.stderr.write(f"{sentence}\n")
    sys.exit(FAILED)


if __name__ == "__main__":
    main()
