#!/usr/bin/env python3
"""A picture made anew: a program of its own, started for one file with little time and memory (`photos.workshop`).

It reads a file from its input and writes "WIDTH HEIGHT" and a small WebP, or the name of a fault. It knows nothing of
the site: only Pillow and the standard library. A file that makes a decoder work, or breaks it, ends this program.
"""

from __future__ import annotations

import resource
import sys
import warnings
from io import BytesIO

from PIL import Image, ImageCms, ImageOps

#: Seconds of processor and bytes of memory.
CPU_SECONDS, MEMORY = 5, 1_500_000_000
SHOWN_MAX = 60 * 1024
PIXELS_MAX = 20_000_000
SIDE_MAX = 12_000
SIDE_MIN = 32
FORMATS = ("JPEG", "PNG", "WEBP")
#: Longest side and quality, tried in this order until the picture is light enough.
TRIES = ((1200, 76), (1200, 62), (1000, 56), (840, 50), (640, 45), (480, 35), (320, 25))
Made = tuple[bytes, int, int]


def made_anew(sent: bytes) -> Made | str:
    """A small WebP with width and height in pixels, without EXIF, place, profile or comment; or the name of a fault.

    The size is looked at before a pixel is read, so that a bomb of a few bytes is not unpacked. Only
    the three decoders named are ever tried, whatever the name or the type of the file says.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of Pillow's about size: the sizes are looked at here
            with Image.open(BytesIO(sent), formats=FORMATS) as found:
                return _size_fault(*found.size) or _made_small(found)
    except Image.DecompressionBombError:
        return "too-large"
    except Exception:  # decoders raise whatever a damaged file makes them stumble over
        return "no-photo"


def _size_fault(width: int, height: int) -> str | None:
    if width * height > PIXELS_MAX or max(width, height) > SIDE_MAX:
        return "too-large"
    return "too-small" if min(width, height) < SIDE_MIN else None


def _made_small(found: Image.Image) -> Made:
    longest = TRIES[0][0]
    found.draft("RGB", (longest, longest))  # a JPEG is unpacked no larger than needed
    profile = found.info.get("icc_profile")
    upright = _eight_bits(ImageOps.exif_transpose(found) or found)
    if upright.mode in ("P", "PA", "1"):
        upright = upright.convert("RGBA")  # a palette cannot be made smaller, only its colours
    upright.thumbnail((longest, longest))
    ground = _on_white(_in_srgb(upright, profile))
    for side, quality in TRIES:
        small = ground.copy()
        small.thumbnail((side, side))
        out = BytesIO()
        small.save(out, "WEBP", quality=quality, method=4)
        if out.tell() <= SHOWN_MAX:
            break
    return out.getvalue(), *small.size


def _eight_bits(image: Image.Image) -> Image.Image:
    """Grey of sixteen bits, as scanners write it, scaled to eight; Pillow's own conversion cuts it off at white."""
    if image.mode.startswith("I"):
        image = image.convert("I;16") if image.mode == "I" else image
        return image.point(lambda value: value * (1 / 256)).convert("L")
    return image


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Colours as every screen shows them. A profile that is damaged or of another kind of colours is left aside."""
    if profile and image.mode == "RGBA":  # the colours alone are meant; how much can be seen through stays
        made = _in_srgb(image.convert("RGB"), profile)
        made.putalpha(image.getchannel("A"))
        return made
    if not profile or image.mode not in ("RGB", "CMYK", "L"):
        return image
    try:
        meant = ImageCms.ImageCmsProfile(BytesIO(profile))
        kind = {"RGB": "RGB", "CMYK": "CMYK", "GRAY": "L"}.get(meant.profile.xcolor_space.strip())
        if kind != image.mode:
            return image
        return ImageCms.profileToProfile(image, meant, ImageCms.createProfile("sRGB"), outputMode="RGB") or image
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return image


def _on_white(image: Image.Image) -> Image.Image:
    """A picture of new pixels: nothing else comes along."""
    ground = Image.new("RGB", image.size, "white")
    layers = image.convert("RGBA")
    ground.paste(layers, mask=layers.getchannel("A"))
    return ground


def main() -> None:
    """One file, within the limits."""
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    found = made_anew(sys.stdin.buffer.read())
    if isinstance(found, str):
        sys.stdout.buffer.write(found.encode())
    else:
        data, width, height = found
        sys.stdout.buffer.write(f"{width} {height}\n".encode() + data)


if __name__ == "__main__":
    main()
