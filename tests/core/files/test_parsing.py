"""The child process: what it makes, what it refuses, and that nothing it is given hangs or kills anything."""

from __future__ import annotations

import asyncio
import io
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

import pytest
from PIL import Image, ImageChops
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.uid import JPEG2000Lossless

from prikus.files.kinds import FileKind
from prikus.files.services import parsing
from prikus.files.services.parsing import Said, Unreadable, ask_child
from tests.core.files import dicom
from tests.core.files.conftest import picture

CLINIC, OTHER = 1, 2
ORIENTATION, TURNED = 0x0112, 6


@contextmanager
def temporary(data: bytes = b"") -> Iterator[IO[bytes]]:
    with tempfile.TemporaryFile() as file:
        file.write(data)
        yield file


async def made_of(what: str, kind: FileKind, data: bytes, longest: int = 100) -> tuple[Said, bytes]:
    with temporary(data) as source, temporary() as made:
        said = await ask_child(CLINIC, what, kind, source, made, longest=longest)
        made.seek(0)
        return said, made.read()


async def refused(what: str, kind: FileKind, data: bytes, **options) -> str:
    with temporary(data) as source, temporary() as made, pytest.raises(Unreadable) as refusal:
        await ask_child(CLINIC, what, kind, source, made, longest=100, **options)
    return refusal.value.sentence


def child(code: str) -> tuple[str, ...]:
    """A child that does something else than parse, held by the same limits."""
    return (sys.executable, "-I", "-c", f"import os, sys\nfrom prikus.files import parsing\n{code}")


# --- limits


async def test_a_child_that_never_stops_working_is_ended_by_its_processor_time() -> None:
    spins = child("parsing.give_up(seconds=1)\nwhile True: pass")
    assert await refused("examine", FileKind.PNG, b"", command=spins) == parsing.TOO_LONG


async def test_a_child_that_waits_for_nothing_is_ended_by_the_clock() -> None:
    waits = child("import threading\nthreading.Event().wait()")
    assert await refused("examine", FileKind.PNG, b"", command=waits, patience=0.5) == parsing.TOO_LONG


async def test_a_child_gets_no_more_memory_than_it_was_given() -> None:
    eats = child("parsing.work = lambda *given: bytearray(600 * 2**20)\nparsing.main()")
    assert "памяти" in await refused("examine", FileKind.PNG, b"", command=eats)
    modest = child("parsing.work = lambda *given: {'width': len(bytearray(200 * 2**20))}\nparsing.main()")
    with temporary() as source:
        assert (await ask_child(CLINIC, "examine", FileKind.PNG, source, command=modest)).width == 200 * 2**20


async def test_a_child_has_no_network_no_files_and_no_environment() -> None:
    tries = child(
        "import socket\n"
        "def work(*given):\n"
        "    reached = 0\n"
        "    for attempt in (socket.socket, lambda: open('/etc/passwd'), os.pipe):\n"
        "        try: attempt(); reached += 1\n"
        "        except OSError: pass\n"
        "    return {'width': reached, 'height': len(set(os.environ) - {'LC_CTYPE'})}\n"
        "parsing.work = work\nparsing.main()"
    )
    with temporary() as source:
        said = await ask_child(CLINIC, "examine", FileKind.PNG, source, command=tries)
    assert (said.width, said.height) == (0, 0)


async def test_a_child_that_dies_or_babbles_is_a_sentence() -> None:
    for code in ("os.abort()", "sys.exit(1)", "print('не JSON', file=sys.stderr)", "pass"):
        assert await refused("examine", FileKind.PNG, b"", command=child(code)) == parsing.BROKEN


async def test_a_clinic_whose_files_hang_takes_no_more_than_one_of_two_hands() -> None:
    waits, quick = (
        child("import threading\nthreading.Event().wait()"),
        child("parsing.work = lambda *given: {}\nparsing.main()"),
    )

    async def ask(clinic_id: int, command: tuple[str, ...]) -> Said:
        with temporary() as source:
            return await ask_child(clinic_id, "examine", FileKind.PNG, source, command=command)

    hanging = [asyncio.create_task(ask(CLINIC, waits)) for _ in range(4)]
    try:
        assert await ask(OTHER, quick) == Said()
        assert not any(task.done() for task in hanging)
    finally:
        for task in hanging:
            task.cancel()
        ended = await asyncio.gather(*hanging, return_exceptions=True)
    assert all(isinstance(one, asyncio.CancelledError) for one in ended)
    assert await ask(CLINIC, quick) == Said()


# --- what cannot be read


@pytest.mark.parametrize("what", ["preview", "bare"])
@pytest.mark.parametrize("kind", [FileKind.JPEG, FileKind.PNG])
async def test_a_truncated_picture_is_a_sentence(kind, what) -> None:
    data = picture(kind.name)
    assert await refused(what, kind, data[: len(data) // 2]) == parsing.BROKEN


async def test_a_bomb_is_refused_by_what_its_header_says() -> None:
    bomb = io.BytesIO()
    Image.new("1", (40_000, 40_000)).save(bomb, "PNG")
    assert len(bomb.getvalue()) < 500_000
    assert "50 мегапикселей" in await refused("examine", FileKind.PNG, bomb.getvalue())


async def test_only_the_named_decoder_looks_at_a_file() -> None:
    gif = picture("GIF")
    for kind in (FileKind.JPEG, FileKind.PNG, FileKind.DICOM):
        for what in ("examine", "preview", "bare"):
            assert await refused(what, kind, gif) == parsing.BROKEN


async def test_a_directory_of_a_disk_is_no_image() -> None:
    data = dicom.image(b"\0" * 8, 2, 2)
    data.SOPClassUID = dicom.DIRECTORY
    for what in ("examine", "preview", "bare"):
        assert "DICOMDIR" in await refused(what, FileKind.DICOM, dicom.written(data))


async def test_dicom_without_all_its_pixels_is_a_sentence() -> None:
    assert await refused("preview", FileKind.DICOM, dicom.written(dicom.image(b"\0" * 8, 64, 64))) == parsing.BROKEN


# --- what is made


async def test_a_preview_stands_upright_is_small_and_says_nothing_of_the_camera() -> None:
    exif = Image.Exif()
    exif[ORIENTATION], exif[0x010F] = TURNED, "Камера Морозовой"
    said, made = await made_of("preview", FileKind.JPEG, picture(size=(400, 200), exif=exif))
    assert (said.width, said.height) == (50, 100)
    image = Image.open(io.BytesIO(made))
    assert (image.format, image.size, dict(image.getexif())) == ("JPEG", (50, 100), {})


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "LA", "P", "1", "I;16"])
async def test_previews_of_every_sort_of_png_look_like_it(mode) -> None:
    _, made = await made_of("preview", FileKind.PNG, picture("PNG", (64, 64), mode))
    image = Image.open(io.BytesIO(made)).convert("L")
    top, bottom = image.getpixel((32, 2)), image.getpixel((32, 61))
    assert top < 40
    # A gradient of 8 bits in 16 stays as dark as it is.
    assert bottom > (200 if mode != "I;16" else -1)


async def test_a_copy_of_a_photo_keeps_the_picture_and_loses_the_words() -> None:
    exif = Image.Exif()
    exif[0x013B] = "Morozova"
    data = picture(quality=90, exif=exif, comment="Anna")
    _, made = await made_of("bare", FileKind.JPEG, data)
    assert all(word in data for word in (b"Morozova", b"Anna"))
    assert not any(word in made for word in (b"Morozova", b"Anna"))
    before, after = Image.open(io.BytesIO(data)), Image.open(io.BytesIO(made))
    assert max(top for _, top in ImageChops.difference(before, after).getextrema()) <= 2
    assert dict(after.getexif()) == {}


async def test_a_copy_of_a_turned_photo_is_turned_for_good() -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = TURNED
    said, made = await made_of("bare", FileKind.JPEG, picture(size=(400, 200), exif=exif))
    assert (said.width, said.height) == Image.open(io.BytesIO(made)).size == (200, 400)


async def test_a_copy_of_a_png_loses_its_texts() -> None:
    from PIL.PngImagePlugin import PngInfo

    words = PngInfo()
    words.add_text("Author", "Morozova")
    words.add_itxt("Patient", "Морозова")
    data = picture("PNG", mode="RGBA", pnginfo=words)
    assert b"Morozova" in data
    _, made = await made_of("bare", FileKind.PNG, data)
    assert not any(chunk in made for chunk in (b"Morozova", b"tEXt", b"iTXt", b"eXIf"))
    assert not ImageChops.difference(Image.open(io.BytesIO(data)), Image.open(io.BytesIO(made))).getbbox()


@pytest.mark.parametrize(
    ("tags", "left", "right"),
    [
        ({}, 0, 255),
        ({"PhotometricInterpretation": "MONOCHROME1"}, 255, 0),
        ({"WindowCenter": "100", "WindowWidth": "100"}, 0, 255),
        ({"WindowCenter": "8190", "WindowWidth": "16380"}, 0, 64),
        ({"PixelRepresentation": 1, "RescaleSlope": "2", "RescaleIntercept": "-100"}, 0, 255),
    ],
)
async def test_a_preview_of_dicom_follows_its_window(tags, left, right) -> None:
    said, made = await made_of("preview", FileKind.DICOM, dicom.grey(**tags))
    image = Image.open(io.BytesIO(made))
    assert (said.width, said.height, image.mode) == (64, 32, "L")
    assert abs(image.getpixel((0, 16)) - left) < 8
    assert abs(image.getpixel((63, 16)) - right) < 8


async def test_a_photo_inside_dicom_is_shown() -> None:
    said, made = await made_of("preview", FileKind.DICOM, dicom.in_jpeg(picture(), 640, 480))
    assert (said.width, said.height) == Image.open(io.BytesIO(made)).size == (100, 75)


async def test_dicom_that_needs_another_decoder_has_no_preview_and_no_fault() -> None:
    data = dicom.image(b"\xfe\xff\x00\xe0\x00\x00\x00\x00", 64, 32, syntax=JPEG2000Lossless)
    data["PixelData"].is_undefined_length = True
    assert await made_of("preview", FileKind.DICOM, dicom.written(data)) == (Said(), b"")


async def test_a_copy_of_dicom_shows_the_same_and_tells_nobody_whose_it_is() -> None:
    data = dicom.grey()
    assert all(word.encode() in data for word in dicom.SECRETS)
    _, made = await made_of("bare", FileKind.DICOM, data)
    assert not [word for word in dicom.SECRETS if word.encode() in made]
    before, after = dcmread(io.BytesIO(data)), dcmread(io.BytesIO(made))
    assert after.PixelData == before.PixelData
    assert (after.PatientSex, after.PatientIdentityRemoved) == ("F", "YES")
    assert after.SOPInstanceUID not in (before.SOPInstanceUID, "")
    assert after.file_meta.MediaStorageSOPInstanceUID == after.SOPInstanceUID


NEEDED = {
    *("Manufacturer", "ManufacturerModelName", "ConvolutionKernel", "LUTExplanation", "ModalityLUTType"),
    *("RescaleType", "WindowCenterWidthExplanation"),
}
"""Texts without which the picture is shown or read otherwise."""


async def test_no_text_of_the_dictionary_tells_in_a_copy_who_and_where() -> None:
    word, data = "Anna-4711", dicom.image(b"\0\x08" * 64 * 32, 64, 32)
    filled = {*dicom.fill_texts(data, word), *dicom.fill_texts(data.file_meta, word, meta=True)}
    assert {"StudyDescription", "PatientInstitutionResidence", "PerformedStationName", *NEEDED} <= filled
    inner = Dataset()
    dicom.fill_texts(inner, word)
    data.ReferencedImageSequence = [inner]
    data.add_new(0x60000022, "LO", word)
    data.add_new(0x0008FFFE, "UN", word.encode())
    _, made = await made_of("bare", FileKind.DICOM, dicom.written(data))
    after = dcmread(io.BytesIO(made))
    said = {one.keyword for one in (*after.file_meta, *after.iterall()) if one.VR != "SQ" and word in str(one.value)}
    assert said == NEEDED
    assert made.count(word.encode()) == 2 * len(NEEDED)
    shown, _ = await made_of("preview", FileKind.DICOM, made)
    assert (shown.width, shown.height) == (64, 32)


async def test_a_copy_of_dicom_says_which_tooth_and_not_which_clinic() -> None:
    code = {"CodeValue": "T-54210", "CodingSchemeDesignator": "SRT", "CodeMeaning": "Upper first molar"}
    tooth, clinic = Dataset(), Dataset()
    tooth.update(code)
    clinic.update({**code, "CodeMeaning": "Clinic-4711"})
    data = dicom.image(b"\0\x08" * 64 * 32, 64, 32)
    data.PrimaryAnatomicStructureSequence, data.InstitutionCodeSequence = [tooth], [clinic]
    _, made = await made_of("bare", FileKind.DICOM, dicom.written(data))
    after = dcmread(io.BytesIO(made))
    kept = after.PrimaryAnatomicStructureSequence[0]
    assert {name: kept[name].value for name in code} == code
    assert b"Clinic-4711" not in made


async def test_a_copy_of_dicom_has_no_signature_and_no_date_of_birth() -> None:
    signature, former = Dataset(), Dataset()
    signature.CertificateOfSigner = b"Clinic-4711 "
    former.PatientBirthDate = "19470411"
    data = dicom.image(b"\0\x08" * 64 * 32, 64, 32, PatientBirthDate="19470411")
    data.DigitalSignaturesSequence, data.ReferencedPatientSequence = [signature], [former]
    _, made = await made_of("bare", FileKind.DICOM, dicom.written(data))
    assert not any(word in made for word in (b"Clinic-4711", b"19470411"))
