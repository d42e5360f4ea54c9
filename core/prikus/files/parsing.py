"""The child process that parses pictures: `python -I -m prikus.files.parsing <what> …` (reliability 34).

Standard input is the picture, standard output what is made of it, the last line of standard error the answer as JSON:
`{"width": …, "height": …}`, or `{"refused": "a sentence"}`. Before the first byte of the picture is looked at the
process has given up memory, time and every further file and socket. It imports nothing else of ours, to start quickly.
"""

from __future__ import annotations

import codecs
import io
import json
import os
import resource
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, BinaryIO

MEMORY = 512 * 1024 * 1024
SECONDS = 20
STRIP = 4_000_000
"""Pixels of a wide picture that are looked at together."""
LARGEST_MADE = 256 * 1024 * 1024
MOST_PIXELS = 50_000_000
DAMAGED = "Файл повреждён или обрезан: открыть его не удалось."
TOO_LARGE = "В снимке больше 50 мегапикселей."
TOO_HEAVY = "Файл слишком сложный: на него не хватило памяти."
NO_FOLDER = "Это оглавление диска (DICOMDIR), а не снимок. Загрузите сами снимки."
NO_PICTURE = "В файле DICOM нет снимка."


class Refused(Exception):
    """The file cannot be taken; the sentence is for people."""


def give_up(memory: int = MEMORY, seconds: int = SECONDS) -> None:
    """No more than this much address space and processor time, no dumps, no file and no socket beyond those open."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_MADE, LARGEST_MADE))
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))


# --- JPEG and PNG


def _opened(source: BinaryIO, kind: str) -> Any:
    """The picture, not decoded yet, by the one decoder that was named: `Image.open` would go on to look for others."""
    from PIL.JpegImagePlugin import JpegImageFile
    from PIL.PngImagePlugin import PngImageFile

    source.seek(0)
    image = (JpegImageFile if kind == "JPEG" else PngImageFile)(source)
    if image.width * image.height > MOST_PIXELS:
        raise Refused(TOO_LARGE)
    return image


def _upright(image: Any) -> Any:
    from PIL import ImageOps

    return ImageOps.exif_transpose(image)


def _shrunk(image: Any, longest: int) -> Any:
    """No larger than that, as a JPEG can hold it. What takes memory is done with what is small by then."""
    if image.mode.startswith("I;16"):
        image = image.convert("I")
    if image.mode in ("1", "P", "PA"):
        image = image.convert("RGBA" if image.mode == "PA" or "transparency" in image.info else "RGB")
    image.thumbnail((longest, longest), reducing_gap=2.0)
    if image.mode == "I":
        image = image.point(lambda value: value * (1 / 257) + 0)
    if image.mode in ("RGBA", "LA") or "transparency" in image.info:
        image = _on_white(image.convert("RGBA"))
    return image.convert("L" if image.mode in ("L", "I") else "RGB")


def _on_white(image: Any) -> Any:
    from PIL import Image

    white = Image.new("RGB", image.size, "white")
    white.paste(image, mask=image.getchannel("A"))
    return white


def _picture_preview(source: BinaryIO, made: BinaryIO, kind: str, longest: int) -> dict[str, int]:
    image = _opened(source, kind)
    if kind == "JPEG":
        image.draft(None, (longest, longest))
    image = _shrunk(image, longest)
    return _saved(_upright_copy(image, source, kind), made)


def _upright_copy(image: Any, source: BinaryIO, kind: str) -> Any:
    """Turned as its EXIF says: shrunk first, since turning takes as much memory again."""
    from PIL import Image

    turn = _opened(source, kind).getexif().get(0x0112, 1)
    turns = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_270,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_90,
    }
    return image.transpose(turns[turn]) if turn in turns else image


def _saved(image: Any, made: BinaryIO) -> dict[str, int]:
    image.info = {}
    image.save(made, "JPEG", quality=85, optimize=True)
    return {"width": image.width, "height": image.height}


def _picture_bare(source: BinaryIO, made: BinaryIO, kind: str) -> dict[str, int]:
    """The same picture without EXIF, comments and texts; only the profile of its colours stays."""
    image = _opened(source, kind)
    turned = image.getexif().get(0x0112, 1) != 1
    profile = image.info.get("icc_profile")
    if turned:
        image = _upright(image)
    else:
        image.load()
    image.info = {"transparency": image.info["transparency"]} if "transparency" in image.info else {}
    if kind == "PNG":
        image.save(made, "PNG", icc_profile=profile, exif=None)
    else:
        quality: Any = {"quality": 95, "subsampling": 0} if turned else {"quality": "keep"}
        image.save(made, "JPEG", icc_profile=profile, exif=b"", comment=b"", **quality)
    return {"width": image.width, "height": image.height}


# --- DICOM


def _read_dicom(source: BinaryIO, *, pixels: bool) -> Any:
    from pydicom import dcmread

    data = dcmread(source, stop_before_pixels=not pixels)
    meta = data.file_meta
    if str(meta.get("MediaStorageSOPClassUID", "")) == "1.2.840.10008.1.3.10" or "DirectoryRecordSequence" in data:
        raise Refused(NO_FOLDER)
    return data


def _dicom_size(data: Any) -> dict[str, int]:
    width, height = int(data.get("Columns") or 0), int(data.get("Rows") or 0)
    if width < 1 or height < 1:
        raise Refused(NO_PICTURE)
    if width * height > MOST_PIXELS:
        raise Refused(TOO_LARGE)
    return {"width": width, "height": height}


def _dicom_preview(source: BinaryIO, made: BinaryIO, longest: int) -> dict[str, int]:
    """The first frame. What cannot be shown without further decoders has none, which is no error."""
    data = _read_dicom(source, pixels=True)
    size = _dicom_size(data)
    if "PixelData" not in data:
        raise Refused(NO_PICTURE)
    image = _frame(data, size["width"], size["height"])
    return {} if image is None else _saved(_shrunk(image, longest), made)


def _frame(data: Any, width: int, height: int) -> Any:
    syntax = data.file_meta.TransferSyntaxUID
    if syntax == "1.2.840.10008.1.2.4.50":
        from pydicom.encaps import get_frame

        frames = int(data.get("NumberOfFrames") or 1)
        return _opened(io.BytesIO(get_frame(data.PixelData, 0, number_of_frames=frames)), "JPEG")
    return None if syntax.is_compressed and not syntax.is_deflated else _plain_frame(data, width, height)


def _plain_frame(data: Any, width: int, height: int) -> Any:
    from PIL import Image

    samples, bits = int(data.get("SamplesPerPixel") or 1), int(data.get("BitsAllocated") or 0)
    length = width * height * samples * bits // 8
    pixels = memoryview(data.PixelData)[:length]
    if len(pixels) < length:
        raise Refused(DAMAGED)
    if samples == 3 and bits == 8 and data.get("PhotometricInterpretation") == "RGB":
        if not int(data.get("PlanarConfiguration") or 0):
            return Image.frombytes("RGB", (width, height), pixels)
        plane = width * height
        bands = [Image.frombytes("L", (width, height), pixels[at : at + plane]) for at in range(0, 3 * plane, plane)]
        return Image.merge("RGB", bands)
    if samples != 1 or bits not in (8, 16) or not str(data.get("PhotometricInterpretation", "")).startswith("MONO"):
        return None
    signed = "S" if int(data.get("PixelRepresentation") or 0) else ""
    order = "" if data.file_meta.TransferSyntaxUID.is_little_endian else "B"
    return _windowed(data, lambda: _strips(pixels, width, height, bits, f"I;16{order}{signed}"))


Strips = Iterator[tuple[int, Any]]


def _strips(pixels: memoryview, width: int, height: int, bits: int, raw: str) -> Strips:
    """Wide grey values from the top to the bottom, a few rows at a time: all at once they take too much memory."""
    from PIL import Image

    rows = max(1, STRIP // width)
    line = width * bits // 8
    for top in range(0, height, rows):
        size = (width, min(rows, height - top))
        part = pixels[top * line : (top + size[1]) * line]
        if bits == 8:
            yield top, Image.frombytes("L", size, part).convert("I")
        else:
            yield top, Image.frombytes("I", size, part, "raw", raw)


def _windowed(data: Any, strips: Callable[[], Strips]) -> Any:
    """Grey values through the window that the file asks for, or all of them, as 0 … 255."""
    from PIL import Image, ImageOps

    slope, shift = float(data.get("RescaleSlope") or 1), float(data.get("RescaleIntercept") or 0)
    centre, width = _first(data.get("WindowCenter")), _first(data.get("WindowWidth"))
    if centre is not None and width is not None and width >= 1:
        low, high = sorted(((centre - width / 2 - shift) / slope, (centre + width / 2 - shift) / slope))
    else:
        ends = [strip.getextrema() for _, strip in strips()]
        low, high = min(low for low, _ in ends), max(high for _, high in ends)
    scale = 255 / max(high - low, 1e-6)
    image = Image.new("L", (int(data.Columns), int(data.Rows)))
    for top, strip in strips():
        image.paste(strip.point(lambda value: value * scale + (-low * scale)).convert("L"), (0, top))
    return ImageOps.invert(image) if data.get("PhotometricInterpretation") == "MONOCHROME1" else image


def _first(value: Any) -> float | None:
    if value in (None, ""):
        return None
    return float(value[0] if hasattr(value, "__getitem__") and not isinstance(value, str) else value)


TEXTS = {"AE", "LO", "LT", "PN", "SH", "ST", "UC", "UR", "UT"}
"""Representations of values that may hold any words, who the person is among them."""
KEPT = {
    *("PatientSex", "PatientAge", "Manufacturer", "ManufacturerModelName", "ConvolutionKernel", "LUTExplanation"),
    *("ModalityLUTType", "RescaleType", "WindowCenterWidthExplanation"),
}
"""No identity, and whoever shows or reads the picture needs them."""
PLACES = {
    *("AnatomicRegionSequence", "AnatomicRegionModifierSequence", "PrimaryAnatomicStructureSequence"),
    *("PrimaryAnatomicStructureModifierSequence", "ViewCodeSequence", "ViewModifierCodeSequence"),
}
"""Which tooth and from where: codes within them stay, while codes elsewhere name clinics, staff and insurances."""
CODES = {"CodeValue", "CodingSchemeDesignator", "CodingSchemeVersion", "CodeMeaning"}
DROPPED = {
    *("RequestAttributesSequence", "DigitalSignaturesSequence", "EncryptedAttributesSequence"),
    *("OriginalAttributesSequence", "EncapsulatedDocument", "PrivateInformation"),
}
"""Requests, certificates of who signed, documents and former values, also those of representations without words."""


def _dicom_bare(source: BinaryIO, made: BinaryIO) -> dict[str, int]:
    """The same file without who the person, the clinic and the staff are, and without private tags; new UIDs."""
    data = _read_dicom(source, pixels=True)
    size = _dicom_size(data)
    uids: dict[str, str] = {}
    _bare(data, uids)
    _bare(data.file_meta, uids)
    data.PatientIdentityRemoved = "YES"
    data.preamble = b"\0" * 128
    data.save_as(made, enforce_file_format=False)
    return size


UIDS = (0x00020003, 0x00080018, 0x0020000D, 0x0020000E, 0x00200052, 0x00081155, 0x00080014)
"""Of the instance, the study, the series, the frame of reference, what is referred to, who made it."""


def _bare(data: Any, uids: dict[str, str], kept: set[str] = KEPT) -> None:
    """Every text is emptied that is not `kept`, since any field of a form at the device may hold a name."""
    from pydicom.uid import generate_uid

    for element in list(data):
        tag, word, is_of_person = int(element.tag), element.keyword, element.tag.group == 0x0010
        if element.tag.is_private or element.VR == "UN" or word in DROPPED or (is_of_person and element.VR == "SQ"):
            del data[element.tag]
        elif element.VR == "SQ":
            for inner in element.value:
                _bare(inner, uids, KEPT | CODES if word in PLACES else KEPT)
        elif tag in UIDS:
            data[element.tag].value = uids.setdefault(str(element.value), generate_uid())
        elif word not in kept and (is_of_person or element.VR in TEXTS):
            data[element.tag].value = ""


# --- the process


def _prepare(kind: str) -> None:
    """Everything is imported while files may still be opened."""
    from PIL import Image, ImageOps, TiffImagePlugin  # noqa: F401 - EXIF is read as TIFF

    Image.preinit()
    if kind == "DICOM":
        import pydicom.charset
        import pydicom.encaps
        import pydicom.filewriter

        for name in pydicom.charset.python_encoding.values():
            with suppress(LookupError):
                codecs.lookup(name)


def work(what: str, kind: str, longest: int, source: BinaryIO, made: BinaryIO) -> dict[str, int]:
    """`examine` reads only what it is and how large, `preview` makes a JPEG, `bare` a copy without identity."""
    if what == "examine":
        if kind == "DICOM":
            return _dicom_size(_read_dicom(source, pixels=False))
        image = _opened(source, kind)
        return {"width": image.width, "height": image.height}
    if what == "preview":
        if kind == "DICOM":
            return _dicom_preview(source, made, longest)
        return _picture_preview(source, made, kind, longest)
    return _dicom_bare(source, made) if kind == "DICOM" else _picture_bare(source, made, kind)


def answer(what: str, kind: str, longest: int, source: BinaryIO, made: BinaryIO) -> dict[str, object]:
    """The work's answer, or its refusal: whatever a parser says of the file is that it cannot be read."""
    try:
        return {**work(what, kind, longest, source, made)}
    except Refused as refusal:
        return {"refused": str(refusal)}
    except MemoryError:
        return {"refused": TOO_HEAVY}
    except Exception as error:
        return {"refused": DAMAGED, "error": type(error).__name__}


def main() -> None:
    what, kind, longest = sys.argv[1:]
    _prepare(kind)
    give_up()
    source, made = os.fdopen(0, "rb"), os.fdopen(1, "wb")
    source.seek(0)
    said = answer(what, kind, int(longest), source, made)
    if "refused" not in said:
        made.flush()
    print(json.dumps(said), file=sys.stderr, flush=True)
    os._exit(0)


if __name__ == "__main__":
    main()
