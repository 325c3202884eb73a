"""What is taken as a photo, as far as its bytes tell without decoding anything."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import NamedTuple

from webapp import config

#: What may be sent.
SENT_MAX = config.PHOTO_MAX
ALT_MAX = 300
PER_DAY = 10
#: Progressive photos of cameras and programs have a dozen scans at most; each costs the decoder a pass over all pixels.
SCANS_MAX = 64
_BEGINNINGS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF")
#: A marker with a length, or the end: not a stuffed byte, not a restart, not a filler, none that stands alone.
_NEXT_MARKER = re.compile(rb"\xff[^\x00\x01\xff\xd0-\xd8]")
_SCAN, _END = 0xDA, 0xD9


class PhotoFault(StrEnum):
    """Why a file is not taken."""

    EMPTY = "empty"
    TOO_HEAVY = "too-heavy"
    NO_PHOTO = "no-photo"
    TOO_LARGE = "too-large"
    TOO_SMALL = "too-small"
    TOO_MUCH_WORK = "too-much-work"


class Picture(NamedTuple):
    """A picture that was made anew: WebP, its width and height in pixels."""

    data: bytes
    width: int
    height: int


def fault_of(sent: bytes) -> PhotoFault | None:
    """What is wrong with a file before anything is decoded; None when it is worth trying."""
    if not sent:
        return PhotoFault.EMPTY
    if len(sent) > SENT_MAX:
        return PhotoFault.TOO_HEAVY
    if not sent.startswith(_BEGINNINGS):
        return PhotoFault.NO_PHOTO
    if sent.startswith(b"\xff\xd8") and scans(sent, SCANS_MAX + 1) > SCANS_MAX:
        return PhotoFault.TOO_MUCH_WORK
    return None


def scans(sent: bytes, at_most: int) -> int:
    """How many scans the first picture of a JPEG has; looking ends at its end, or at `at_most`.

    What stands behind the end (a film of the telephone, a second picture) is no scan of it. Bytes between two parts
    that belong to none are passed over, as every decoder does: whoever puts them there must not end the counting.
    """
    place, count = 2, 0
    while count < at_most and (found := _NEXT_MARKER.search(sent, place)) is not None:
        marker = sent[found.start() + 1]
        if marker == _END:
            break
        count += marker == _SCAN
        length = int.from_bytes(sent[found.end() : found.end() + 2], "big")
        place = found.end() + length
    return count
