"""Fetch the Nu HTML checker, pinned by its checksum, into `.nu/`. `make soak` asks it about every page.

It is a Java program out of the package vnu-jar; where no Java is installed it says so and fetches nothing.
"""

from __future__ import annotations

import hashlib
import io
import shutil
import sys
import tarfile
import urllib.request
from pathlib import Path

VERSION = "26.9.27"
ADDRESS = f"https://registry.npmjs.org/vnu-jar/-/vnu-jar-{VERSION}.tgz"
SHA256 = "5970d3ffca91a627cf0965e5d91bb2e4242307c29292998de0b419d6a901b2b7"
JAR = Path(__file__).resolve().parent.parent / ".nu" / f"vnu-{VERSION}.jar"


def fetch() -> str:
    """Fetch it where it is not there yet; what happened, in a sentence."""
    if shutil.which("java") is None:
        return "NO JAVA: pages are not checked by Nu (apt-get install openjdk-17-jre-headless)."
    if JAR.exists():
        return f"The Nu checker {VERSION} is there."
    try:
        with urllib.request.urlopen(ADDRESS, timeout=120) as answer:  # nosec B310
            packed = answer.read()
    except OSError as error:
        return f"THE NU CHECKER COULD NOT BE FETCHED ({error}): pages are not checked by it."
    found = hashlib.sha256(packed).hexdigest()
    if found != SHA256:
        sys.exit(f"{ADDRESS} has another checksum than the one that was pinned: {found}")
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        jar = archive.extractfile("package/build/dist/vnu.jar")
        assert jar is not None
        JAR.parent.mkdir(exist_ok=True)
        part = JAR.with_suffix(".part")
        part.write_bytes(jar.read())
        part.replace(JAR)
    return f"Fetched the Nu checker {VERSION}."


if __name__ == "__main__":
    print(fetch())
