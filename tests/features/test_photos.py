"""A photo is made anew: nothing of the file survives but the picture, and evil files are refused in a sentence."""

import errno
import io
import os
import random
import struct
import time
import zipfile
import zlib
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image, ImageCms
from sqlalchemy import func, select

from tests.conftest import MONDAY
from tests.factories import PASSWORD, propose
from webapp.kernel import files
from webapp.kernel.database import db, locked, rehearsal, rollback, unit_of_work
from webapp.kernel.errors import Conflict
from webapp.moderation.services import publish
from webapp.photos import services as photos
from webapp.photos import workshop
from webapp.photos.making import SHOWN_MAX, made_anew
from webapp.photos.models import Photo
from webapp.photos.rules import PER_DAY, SCANS_MAX, PhotoFault, Picture, fault_of, scans
from webapp.photos.services import forget_strays, path_of
from webapp.proposals.models import Draft, Proposal
from webapp.proposals.services import start_draft


def drawn(width=800, height=600, kind="JPEG", mode="RGB", noise=False, **more):
    """A picture as a file."""
    image = Image.new(mode, (width, height), 3 if mode in ("P", "I;16", "1") else "teal")
    if noise:
        image = Image.frombytes("RGB", (width, height), random.Random(1).randbytes(width * height * 3))
    out = io.BytesIO()
    image.save(out, kind, **more)
    return out.getvalue()


def remade(sent):
    """What the workshop does, in this process: starting its program costs more than most pictures."""
    fault = fault_of(sent)
    if fault is not None:
        return fault
    found = made_anew(sent)
    return PhotoFault(found) if isinstance(found, str) else Picture(*found)


def of_many_scans(count, side=1200, **more):
    """A progressive JPEG one scan of which is repeated so many times; each costs the decoder a pass over all pixels."""
    out = io.BytesIO()
    Image.new("L", (side, side), 128).save(out, "JPEG", progressive=True, quality=50, **more)
    whole = out.getvalue()
    end = whole.rindex(b"\xff\xd9")
    last = whole.rindex(b"\xff\xda")
    return whole[:end] + whole[last:end] * count + whole[end:]


def ramp():
    """Grey from black to white in sixteen bits."""
    image = Image.new("I;16", (400, 400))
    image.putdata([column * 65535 // 399 for _row in range(400) for column in range(400)])
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def located():
    """A JPEG that tells where and when it was taken."""
    image, exif = Image.new("RGB", (400, 300), "teal"), Image.Exif()
    exif[0x010F], exif[0x9286] = "Camera of Aigerim", "secret words"
    exif[0x8825] = {1: "N", 2: (43.0, 17.0, 53.0), 3: "E", 4: (68.0, 16.0, 18.0)}
    exif[0x0112] = 6  # lying on its side
    out = io.BytesIO()
    image.save(out, "JPEG", exif=exif, comment=b"home address")
    return out.getvalue()


def png_chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png_claiming(width, height, data=b""):
    """A PNG of a few bytes that says it is huge."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = png_chunk(b"IHDR", head) + png_chunk(b"IDAT", zlib.compress(data)) + png_chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def zip_bomb():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", b"\0" * 5_000_000)
    return out.getvalue()


SCRIPT = b"<script>alert(document.cookie)</script>"
REFUSED = {
    "empty": b"",
    "text": b"hello",
    "html": b"<!doctype html><html>" + SCRIPT,
    "html with a jpeg's first bytes": b"\xff\xd8\xff\xe0" + SCRIPT * 20,
    "svg": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'>" + SCRIPT + b"</svg>",
    "svg with an entity bomb": b"<?xml version='1.0'?><!DOCTYPE s [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;'>]><svg>&b;</svg>",
    "gif": drawn(kind="GIF"),
    "gif with a script": b"GIF89a/*" + b"\0" * 10 + b"*/=1;" + SCRIPT,
    "bmp": drawn(kind="BMP"),
    "tiff": drawn(kind="TIFF"),
    "ico": drawn(64, 64, "ICO"),
    "pdf": drawn(kind="PDF"),
    "postscript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 100 100\n(/etc/passwd) (r) file",
    "zip bomb": zip_bomb(),
    "mp4": b"\0\0\0\x18ftypmp42" + b"\0" * 100,
    "executable": b"\x7fELF" + b"\0" * 200,
    "shell script": b"#!/bin/sh\nrm -rf /\n",
    "php in a png header": b"\x89PNG\r\n\x1a\n<?php system($_GET['c']); ?>",
    "truncated jpeg": drawn(noise=True)[:3000],
    "truncated png": drawn(kind="PNG", noise=True)[:3000],
    "truncated webp": drawn(kind="WEBP", noise=True)[:2000],
    "png of 400 megapixels": png_claiming(20_000, 20_000),
    "png of two thousand million pixels a side": png_claiming(2**31 - 1, 2**31 - 1),
    "png without width": png_claiming(0, 100),
    "png thin as a thread": png_claiming(2_000_000, 1),
    "png with too few pixels": png_claiming(500, 500, b"\0" * 20),
    "bomb of text in a png": b"\x89PNG\r\n\x1a\n"
    + png_chunk(b"IHDR", struct.pack(">IIBBBBB", 64, 64, 8, 2, 0, 0, 0))
    + png_chunk(b"zTXt", b"k\0\0" + zlib.compress(b"a" * 80_000_000))
    + png_chunk(b"IEND", b""),
    "jpeg that says 60000 by 60000": drawn(64, 64).replace(
        struct.pack(">HH", 64, 64), struct.pack(">HH", 60_000, 60_000), 1
    ),
    "one pixel": drawn(1, 1, "PNG"),
    "three megabytes and one byte": b"\xff\xd8\xff" + b"\0" * (3 * 1024 * 1024),
    "noise": random.Random(2).randbytes(5000),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_photo_is_refused(name):
    assert isinstance(remade(REFUSED[name]), PhotoFault)


TAKEN = {
    "jpeg": drawn(),
    "png": drawn(kind="PNG"),
    "webp": drawn(kind="WEBP"),
    "grey": drawn(mode="L"),
    "cmyk": drawn(mode="CMYK"),
    "palette": drawn(kind="PNG", mode="P"),
    "transparent": drawn(kind="PNG", mode="RGBA"),
    "sixteen bits": drawn(kind="PNG", mode="I;16"),
    "one bit": drawn(kind="PNG", mode="1"),
    "grey and transparent": drawn(kind="PNG", mode="LA"),
    "palette with a transparent colour": drawn(kind="PNG", mode="P", transparency=3),
    "progressive": drawn(progressive=True),
    "with a profile": drawn(icc_profile=ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()),
    "with a damaged profile": drawn(icc_profile=b"no profile at all"),
    "with a profile of other colours": drawn(
        icc_profile=ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    ),
    "jpeg with a film behind it": drawn() + b"\xff\xda" * 500,
    "moving webp": drawn(kind="WEBP", save_all=True, append_images=[Image.new("RGB", (800, 600), "red")]),
    "jpeg with html behind it": drawn() + SCRIPT + b"</html>",
    "jpeg with a zip behind it": drawn() + zip_bomb(),
    "png with html in a comment": drawn(kind="PNG") + SCRIPT,
    "large and noisy": drawn(1500, 1000, noise=True, quality=60),
}


@pytest.mark.parametrize("name", TAKEN)
def test_what_is_a_photo_becomes_a_small_webp(name):
    made = remade(TAKEN[name])
    assert isinstance(made, Picture) and len(made.data) <= SHOWN_MAX
    with Image.open(io.BytesIO(made.data)) as image:
        assert (image.format, image.size) == ("WEBP", (made.width, made.height)) and max(image.size) <= 1200
    assert b"script" not in made.data and b"PK\x03\x04" not in made.data


def test_nothing_is_left_of_place_camera_and_comment():
    sent = located()
    assert b"Camera of Aigerim" in sent and b"home address" in sent
    made = remade(sent)
    with Image.open(io.BytesIO(made.data)) as image:
        assert not dict(image.getexif()) and not set(image.info) & {"exif", "xmp", "icc_profile", "comment"}
    assert b"EXIF" not in made.data and b"Camera" not in made.data
    assert (made.width, made.height) == (300, 400)  # it stands upright


def test_grey_of_sixteen_bits_keeps_its_shades():
    with Image.open(io.BytesIO(remade(ramp()).data)) as image:
        shades = [image.convert("L").getpixel((column, 200)) for column in (0, 100, 200, 300, 399)]
    assert all(abs(shade - meant) < 12 for shade, meant in zip(shades, (0, 64, 128, 191, 255), strict=True)), shades


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P"])
def test_colours_of_another_profile_become_those_of_the_screen(mode):
    usual = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    swapped = usual.replace(b"rXYZ", b"?XYZ").replace(b"gXYZ", b"rXYZ").replace(b"?XYZ", b"gXYZ")
    out = io.BytesIO()
    Image.new("RGB", (64, 64), (200, 40, 40)).convert(mode).save(out, "PNG", icc_profile=swapped)
    with Image.open(io.BytesIO(remade(out.getvalue()).data)) as image:
        red, green, _blue = image.getpixel((30, 30))
    assert green > 150 > red  # what this file calls red is green


@pytest.mark.parametrize("count", [SCANS_MAX + 1, 2000, 50_000])
def test_a_jpeg_of_many_scans_costs_nothing(count):
    sent = of_many_scans(count, side=64)
    began = time.process_time()
    assert workshop.remade(sent) is PhotoFault.TOO_MUCH_WORK
    assert time.process_time() - began < 0.2  # the decoder is not even asked


@pytest.mark.parametrize("between", [b"\x00", b"junk", b"\xff\xff", b"\xff\x01", b"\xff\xd0"])
def test_bytes_between_two_parts_do_not_end_the_counting(between):
    """Decoders pass over them, so whoever counts must too."""
    sent = of_many_scans(70, side=64)
    frame = sent.index(b"\xff\xc2")
    assert fault_of(sent[:frame] + between + sent[frame:]) is PhotoFault.TOO_MUCH_WORK


def test_a_jpeg_of_empty_parts_costs_nothing():
    sent = b"\xff\xd8" + b"\xff\xe0\x00\x02" * 700_000
    began = time.process_time()
    assert workshop.remade(sent) is PhotoFault.TOO_MUCH_WORK
    assert time.process_time() - began < 0.2


@pytest.mark.parametrize("quality", range(5, 100, 10))
def test_honest_progressive_photos_pass(quality):
    sent = drawn(300, 200, noise=True, progressive=True, quality=quality, comment=b"\xff\xda" * 100)
    assert 2 <= scans(sent, 999) <= 12
    assert isinstance(remade(sent), Picture)


def test_the_workshop_makes_what_it_makes_and_survives_what_breaks_it(monkeypatch, tmp_path):
    made = workshop.remade(located())
    assert isinstance(made, Picture) and (made.width, made.height) == (300, 400)
    assert workshop.remade(REFUSED["png of 400 megapixels"]) is PhotoFault.TOO_LARGE
    assert workshop.remade(REFUSED["one pixel"]) is PhotoFault.TOO_SMALL
    assert workshop.remade(REFUSED["truncated png"]) is PhotoFault.NO_PHOTO
    endless = tmp_path / "making.py"
    for body, fault in {
        "import resource\nresource.setrlimit(resource.RLIMIT_CPU, (1, 1))\nwhile True: pass": PhotoFault.TOO_MUCH_WORK,
        "raise MemoryError": PhotoFault.NO_PHOTO,
    }.items():
        endless.write_text(body)
        monkeypatch.setattr(workshop, "PROGRAM", endless)
        assert workshop.remade(drawn(64, 64)) is fault


def test_one_at_a_time_and_nobody_waits_long(app, monkeypatch):
    monkeypatch.setattr(workshop, "PATIENCE", 0.05)
    workshop._turn.acquire()
    try:
        with app.test_request_context(), pytest.raises(Conflict, match=r"Many photos|фото"):
            workshop.remade(drawn(64, 64))
    finally:
        workshop._turn.release()
    assert isinstance(workshop.remade(drawn(64, 64)), Picture)


@pytest.fixture(autouse=True)
def folder(request, tmp_path):
    """Photos of one test are no photos of another."""
    if "app" in request.fixturenames:
        request.getfixturevalue("app").config["UPLOADS"] = str(tmp_path / "uploads")


@pytest.fixture
def token(app, world):
    with unit_of_work():
        draft = start_draft(
            db.session.get_one(type(world.aigerim), world.aigerim.id), "Шам керек", "kk", MONDAY, world.turkistan.id
        )
        draft.text = "Көше қараңғы."
        return draft.token


def send(browser, address, data=None, alt="Қараңғы көше", name="photo.jpg", status=303):
    page = browser.get(address)
    values = {"csrf_token": page.find("input", name="csrf_token")[0].get("value"), "alt": alt}
    values["photo"] = (io.BytesIO(drawn() if data is None else data), name)
    answer = browser._send("POST", address, data=values, content_type="multipart/form-data")
    assert answer.status == status, answer.text[:500]
    return answer


def photo():
    rollback()
    return db.session.scalar(select(Photo))


def test_from_the_draft_to_the_page(app, world, visit, token):
    author = visit(world.aigerim)
    send(author, f"/drafts/{token}/photo")
    kept = photo()
    assert len(kept.name) == 32 and path_of(kept.name).is_file() and kept.alt == "Қараңғы көше"
    assert "Қараңғы көше" in author.get(f"/drafts/{token}/check").text
    (image,) = author.get(f"/drafts/{token}/photo").find("img")
    assert (image.get("alt"), image.get("loading")) == ("Қараңғы көше", "lazy")
    address = image.get("src")
    picture = author.get(address)
    assert picture.response.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert picture.response.headers["X-Content-Type-Options"] == "nosniff"
    assert picture.response.mimetype == "image/webp" and "no-store" in picture.response.headers["Cache-Control"]
    visit().get(address, 404)
    visit(world.bolat).get(address, 404)
    author.submit(author.get(f"/drafts/{token}/check"), f"/drafts/{token}/submission")
    kept = photo()
    assert kept.draft_id is None and kept.proposal_id
    visit().get(address, 404)  # nobody has looked at it yet
    visit(world.almaty_moderator).get(address, 404)
    moderator = visit(world.moderator)
    assert moderator.get(f"/desk/{kept.proposal_id}").find("img", src=address)
    moderator.get(address)
    moderator.post(f"/desk/{kept.proposal_id}/publication", sphere="safety")
    assert visit().get(f"/proposals/{kept.proposal_id}").find("img", src=address)
    assert visit().get(address).response.headers["Cache-Control"] == "public, max-age=300, must-revalidate"


def test_a_refused_file_keeps_the_words_and_changes_nothing(app, world, visit, token):
    author = visit(world.aigerim)
    send(author, f"/drafts/{token}/photo")
    before = photo().name
    answer = send(author, f"/drafts/{token}/photo", REFUSED["svg"], "Жаңа сөздер", "evil.svg", 422)
    assert "not a photo that we can read" in answer.text
    assert answer.form(f"/drafts/{token}/photo")["alt"] == "Жаңа сөздер"
    assert photo().name == before and path_of(before).is_file()


def test_words_are_owed_for_a_photo_and_a_photo_for_words(app, world, visit, token):
    author = visit(world.aigerim)
    assert "what the photo shows" in send(author, f"/drafts/{token}/photo", alt=" ", status=422).text
    assert "Choose a photo." in author.post(f"/drafts/{token}/photo", 422, alt="x").text
    assert photo() is None


@pytest.mark.parametrize(
    "name", ["../../../etc/passwd", "a\x00.jpg", "C:\\evil.exe", "x" * 900 + ".jpg", "<b>.jpg", ""]
)
def test_the_name_of_the_file_is_never_used(app, world, visit, token, name):
    author = visit(world.aigerim)
    page = author.get(f"/drafts/{token}/photo")
    values = {"csrf_token": page.find("input", name="csrf_token")[0].get("value"), "alt": "x"}
    values["photo"] = (io.BytesIO(drawn()), name)
    answer = author._send("POST", f"/drafts/{token}/photo", data=values, content_type="multipart/form-data")
    assert answer.status in (303, 400, 422)
    folder = Path(app.config["UPLOADS"])
    assert all(len(file.name) == 37 for file in folder.iterdir()) if folder.exists() else True


def test_more_than_three_megabytes_is_refused_and_the_words_beside_it_stay(app, world, visit, token):
    author = visit(world.aigerim)
    answer = send(author, f"/drafts/{token}/photo", b"\xff\xd8" + b"\0" * (4 * 1024 * 1024), status=422)
    assert "The photo is larger than 3 MB" in answer.text and "Қараңғы көше" in answer.html
    rollback()
    assert db.session.scalar(select(Draft.text).where(Draft.token == token)) == "Көше қараңғы."
    declared = author._send(
        "POST",
        f"/drafts/{token}/photo",
        data=b"--x",
        content_type="multipart/form-data; boundary=x",
        environ_overrides={"CONTENT_LENGTH": str(10**9)},
    )
    assert declared.status == 413
    assert (
        author._send("POST", "/sign-in", data={"email": "x" * (2 * 1024 * 1024)}).status == 413
    )  # others stay as they were
    assert send(
        author, f"/drafts/{token}/photo", drawn(1500, 1000, noise=True, quality=95)[: 3 * 1024 * 1024 - 10]
    ).status in (303, 422)


def test_a_quota_a_day(app, world, visit, token, clock, monkeypatch):
    author = visit(world.aigerim)
    with unit_of_work():
        from webapp.photos.services import keep

        person = db.session.get_one(type(world.aigerim), world.aigerim.id)
        for number in range(PER_DAY):
            proposal = propose(person, MONDAY, title=f"Ұсыныс {number}")
            keep(remade(drawn(64, 64)), "x", person, MONDAY, proposal_id=proposal.id)
    monkeypatch.setattr(workshop, "PROGRAM", "/nothing/is/decoded")  # the quota is asked first
    assert "limit of photos for one day" in send(author, f"/drafts/{token}/photo", status=422).text
    monkeypatch.undo()
    clock(MONDAY + timedelta(days=1))
    send(author, f"/drafts/{token}/photo")


def published_with_photo(world):
    from webapp.photos.services import keep

    with unit_of_work():
        author = db.session.get_one(type(world.aigerim), world.aigerim.id)
        proposal = propose(author, MONDAY - timedelta(days=1))
        name = keep(remade(drawn(64, 64)), "Қараңғы", author, MONDAY, proposal_id=proposal.id).name
        publish(world.moderator, proposal, MONDAY)
        return proposal.id, name


def test_a_moderator_and_the_author_remove_it_and_nobody_else(app, world, visit):
    key, name = published_with_photo(world)
    visit(world.bolat).post(f"/proposals/{key}/photo/removal", 403)
    visit(world.almaty_moderator).post(f"/proposals/{key}/photo/removal", 403)
    visit().post(f"/proposals/{key}/photo/removal", 401)
    assert path_of(name).is_file()
    moderator = visit(world.moderator)
    moderator.submit(moderator.get(f"/proposals/{key}"), f"/proposals/{key}/photo/removal")
    assert photo() is None and not path_of(name).exists()
    page = visit().get(f"/proposals/{key}")
    assert "The photo was removed." in page.text and not page.find("figure")
    moderator.post(f"/proposals/{key}/photo/removal")  # twice is once
    assert visit().get(f"/proposals/{key}").text.count("The photo was removed.") == 1
    moderator.post("/proposals/9999/photo/removal", 404)


def test_hidden_with_the_proposal(app, world, visit):
    key, name = published_with_photo(world)
    visit().get(f"/photos/{name}.webp")
    with unit_of_work():
        row = locked(Proposal, key)
        row.stage, row.published_at = "returned", None
    visit().get(f"/photos/{name}.webp", 404)
    author = visit(world.aigerim)
    author.get(f"/photos/{name}.webp")
    send(author, f"/proposals/{key}/photo", alt="Басқа")
    assert photo().name != name and not path_of(name).exists() and path_of(photo().name).is_file()
    author.post(f"/proposals/{key}/photo", remove="1")
    assert photo() is None
    visit(world.bolat).get(f"/proposals/{key}/photo", 404)


def test_leaving_takes_the_photos_along(app, world, visit):
    _key, name = published_with_photo(world)
    author = visit(world.aigerim)
    (mine,) = author.get("/my/data.json").response.get_json()["photos"]
    assert (mine["name"], mine["alt"]) == (name, "Қараңғы")
    author.submit(author.get("/my/deletion"), "/my/deletion", agree="y", password=PASSWORD)
    assert photo() is None and not path_of(name).exists()


@pytest.mark.parametrize("step", ["open", "fsync", "rename", "commit"])
def test_on_a_full_disk_the_former_photo_stays(app, world, visit, token, monkeypatch, step):
    """At each step of keeping another one; afterwards nothing is left of what did not fit."""
    author = visit(world.aigerim)
    send(author, f"/drafts/{token}/photo")
    before = photo().name

    def full(*_arguments, **_more):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as disk:
        if step == "commit":
            disk.setattr(db.engine.dialect, "do_commit", lambda _raw: full())
        elif step == "rename":
            disk.setattr(Path, "rename", full)
        else:
            disk.setattr(
                files.os, step, lambda *a, **m: full() if step == "fsync" or a[1] & os.O_CREAT else real(*a, **m)
            )
            real = os.open if step == "open" else os.fsync
        answer = send(author, f"/drafts/{token}/photo", drawn(80, 80), "Жаңа сөздер", status=503)
    assert "There is no room left to save anything" in answer.text and "Жаңа сөздер" in answer.html
    assert photo().name == before and photo().alt == "Қараңғы көше"
    folder = path_of(before).parent
    left = sorted(file.name for file in folder.iterdir())
    assert f"{before}.webp" in left and (left == [f"{before}.webp"] or step == "commit"), left
    assert author.get(f"/drafts/{token}/photo").find("img")
    assert forget_strays(MONDAY + timedelta(days=3000)) == (step == "commit")  # its row never came
    send(author, f"/drafts/{token}/photo", drawn(80, 80), "Жаңа сөздер")
    assert [file.name for file in folder.iterdir()] == [f"{photo().name}.webp"] and photo().name != before


def test_a_file_goes_after_its_row_and_never_before(app, world, visit, token, monkeypatch):
    """A process that is killed in between leaves a file without a row, which nobody is served and the job deletes."""
    author = visit(world.aigerim)
    send(author, f"/drafts/{token}/photo")
    kept = photo()
    name, key = kept.name, kept.draft_id
    with suppress(RuntimeError), unit_of_work():
        photos.remove(draft_id=key)
        raise RuntimeError("the act went wrong afterwards")
    assert photo().name == name and path_of(name).is_file()
    with unit_of_work(), rehearsal():
        photos.remove(draft_id=key)
    assert photo().name == name and path_of(name).is_file()
    with monkeypatch.context() as killed:
        killed.setattr(files, "_delete", lambda _path: None)
        with unit_of_work():
            photos.remove(draft_id=key)
    assert photo() is None and path_of(name).is_file()
    author.get(f"/photos/{name}.webp", 404)
    assert forget_strays(MONDAY + timedelta(days=3000)) == 1 and not path_of(name).exists()


def test_files_without_a_row_are_forgotten(app, world, visit, token):
    author = visit(world.aigerim)
    send(author, f"/drafts/{token}/photo")
    name = photo().name
    assert forget_strays(MONDAY + timedelta(days=3000)) == 0
    with unit_of_work():
        db.session.delete(db.session.scalar(select(Draft).where(Draft.token == token)))
    assert db.session.scalar(select(func.count()).select_from(Photo)) == 0
    assert forget_strays(MONDAY - timedelta(days=3000)) == 0
    assert forget_strays(MONDAY + timedelta(days=3000)) == 1
    assert not path_of(name).exists()


@pytest.mark.parametrize("name", ["../../secret_key", "x", "0" * 32, "%2e%2e%2fsecret"])
def test_other_files_are_not_served(app, visit, name):
    visit().get(f"/photos/{name}.webp", 404)
