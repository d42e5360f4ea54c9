"""Files of DICOM as a sensor would write them, with made-up people."""

from __future__ import annotations

import io
from typing import Any

from pydicom.datadict import DicomDictionary
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import ExplicitVRLittleEndian, JPEGBaseline8Bit, generate_uid

DIRECTORY = "1.2.840.10008.1.3.10"
SECRETS = ("Морозова", "Anna-4711", "На Проверочной", "Петров", "закрытое слово")

TEXTS = {"AE", "LO", "LT", "PN", "SH", "ST", "UC", "UN", "UR", "UT"}
"""Representations of values that may hold any words."""


def fill_texts(data: Dataset, word: str, meta: bool = False) -> list[str]:
    """Write the word into every element of the dictionary that may hold it; their keywords."""
    filled = []
    for tag, (representation, _, _, _, keyword) in DicomDictionary.items():
        if representation in TEXTS and tag >> 16 and (tag >> 16 == 2) == meta:
            data.add_new(tag, representation, word.encode() if representation == "UN" else word)
            filled.append(keyword)
    return filled


def image(pixels: bytes, width: int, height: int, *, syntax: str = ExplicitVRLittleEndian, **tags: Any) -> Dataset:
    """A grey picture of 16 bits, unless `tags` say something else."""
    data = Dataset()
    data.file_meta = FileMetaDataset()
    data.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.1.1"
    data.file_meta.MediaStorageSOPInstanceUID = data.SOPInstanceUID = generate_uid()
    data.file_meta.TransferSyntaxUID = syntax
    data.SOPClassUID = data.file_meta.MediaStorageSOPClassUID
    data.StudyInstanceUID = generate_uid()
    data.SpecificCharacterSet = "ISO_IR 192"
    data.PatientName, data.PatientID, data.PatientSex = "Морозова^Анна", "Anna-4711", "F"
    data.InstitutionName, data.ReferringPhysicianName = "На Проверочной", "Петров"
    block = data.private_block(0x0011, "PRIKUS TEST", create=True)
    block.add_new(0x01, "LO", "закрытое слово")
    data.Columns, data.Rows, data.SamplesPerPixel = width, height, 1
    data.PhotometricInterpretation, data.BitsAllocated, data.BitsStored, data.HighBit = "MONOCHROME2", 16, 16, 15
    data.PixelRepresentation = 0
    for name, value in tags.items():
        setattr(data, name, value)
    data.add_new("PixelData", "OW" if data.BitsAllocated == 16 else "OB", pixels)
    return data


def written(data: Dataset) -> bytes:
    file = io.BytesIO()
    data.save_as(file, enforce_file_format=True)
    return file.getvalue()


def grey(width: int = 64, height: int = 32, **tags: Any) -> bytes:
    """From black at the left to white at the right, 0 … 4095."""
    row = b"".join((x * 4095 // (width - 1)).to_bytes(2, "little") for x in range(width))
    return written(image(row * height, width, height, **tags))


def in_jpeg(jpeg: bytes, width: int, height: int) -> bytes:
    """A photo of a camera in the mouth: baseline JPEG inside."""
    colours = {"SamplesPerPixel": 3, "PhotometricInterpretation": "YBR_FULL_422", "PlanarConfiguration": 0}
    bits = {"BitsAllocated": 8, "BitsStored": 8, "HighBit": 7}
    return written(image(encapsulate([jpeg]), width, height, syntax=JPEGBaseline8Bit, **colours, **bits))
