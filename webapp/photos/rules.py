"""What is taken as a photo, and how it becomes small: nothing of the file that was sent survives but the picture."""

from __future__ import annotations

import warnings
from enum import StrEnum
from io import BytesIO
from typing import NamedTuple

from PIL import Image, ImageOps

from webapp import config

#: What may be sent, and what a page carries.
SENT_MAX = config.PHOTO_MAX
SHOWN_MAX = 60 * 1024
PIXELS_MAX = 20_000_000
SIDE_MAX = 12_000
SIDE_MIN = 32
FORMATS = ("JPEG", "PNG", "WEBP")
ALT_MAX = 300
#: Longest side and quality, tried in this order until the picture is light enough.
TRIES = ((1200, 76), (1200, 62), (1000, 56), (840, 50), (640, 45), (480, 35), (320, 25))
PER_DAY = 10


class PhotoFault(StrEnum):
    """Why a file is not taken."""

    EMPTY = "empty"
    TOO_HEAVY = "too-heavy"
    NO_PHOTO = "no-photo"
    TOO_LARGE = "too-large"
    TOO_SMALL = "too-small"


class Picture(NamedTuple):
    """A picture that was made anew: WebP, its width and height in pixels."""

    data: bytes
    width: int
    height: int


def remade(sent: bytes) -> Picture | PhotoFault:
    """A file as a small WebP without EXIF, place, profile or comment; or why it is none.

    The size is looked at before a pixel is read, so that a bomb of a few bytes is not unpacked. Only
    the three decoders named are ever tried, whatever the name or the type of the file says.
    """
    if not sent:
        return PhotoFault.EMPTY
    if len(sent) > SENT_MAX:
        return PhotoFault.TOO_HEAVY
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of Pillow's about size: the sizes are looked at here
            with Image.open(BytesIO(sent), formats=FORMATS) as found:
                fault = _size_fault(*found.size)
                return fault or _made_small(found)
    except Image.DecompressionBombError:
        return PhotoFault.TOO_LARGE
    except Exception:  # decoders raise whatever a damaged file makes them stumble over
        return PhotoFault.NO_PHOTO


def _size_fault(width: int, height: int) -> PhotoFault | None:
    if width * height > PIXELS_MAX or max(width, height) > SIDE_MAX:
        return PhotoFault.TOO_LARGE
    return PhotoFault.TOO_SMALL if min(width, height) < SIDE_MIN else None


def _made_small(found: Image.Image) -> Picture:
    longest = TRIES[0][0]
    found.draft("RGB", (longest, longest))  # a JPEG is unpacked no larger than needed
    upright = ImageOps.exif_transpose(found) or found
    upright.thumbnail((longest, longest))
    ground = Image.new("RGB", upright.size, "white")
    layers = upright.convert("RGBA")
    ground.paste(layers, mask=layers.getchannel("A"))  # a picture of new pixels: nothing else comes along
    for side, quality in TRIES:
        small = ground.copy()
        small.thumbnail((side, side))
        out = BytesIO()
        small.save(out, "WEBP", quality=quality, method=4)
        if out.tell() <= SHOWN_MAX:
            break
    return Picture(out.getvalue(), *small.size)
