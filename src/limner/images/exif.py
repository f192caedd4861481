"""Of all that EXIF tells, how a picture lies (CIPA DC-008, tag 0x0112)."""

import struct
from typing import Final

UPRIGHT: Final = 1
_PREFIX: Final = b"Exif\0\0"
_ORDERS: Final = {b"II*\0": "<", b"MM\0*": ">"}
_ORIENTATION: Final = 0x0112
_SHORT: Final = 3
"""The type of a number of two bytes, which it must be."""


def orientation(exif: bytes | None) -> int:
    """How the picture lies, 1 to 8; what can't be read says that it is upright.

    Args:
        exif: a TIFF file without a picture, as JPEG, PNG and WebP have it.
    """
    if exif is None:
        return UPRIGHT
    tiff = exif.removeprefix(_PREFIX)
    order = _ORDERS.get(tiff[:4])
    if order is None:
        return UPRIGHT
    try:
        (start,) = struct.unpack_from(f"{order}I", tiff, 4)
        (count,) = struct.unpack_from(f"{order}H", tiff, start)
        for number in range(count):
            entry = struct.unpack_from(f"{order}HHIH", tiff, start + 2 + 12 * number)
            if entry[:3] == (_ORIENTATION, _SHORT, 1):
                return int(entry[3])
    except struct.error:
        pass  # it ends before it has said so
    return UPRIGHT
