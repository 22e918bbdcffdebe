"""ExifTool's names and words, where they differ from those of the standards that Pillow follows."""

POINTERS = frozenset(
    {
        *(0x8769, 0x8825, 0xA005, 0x014A, 0x0201, 0x0202),
        *(0x0111, 0x0117, 0x0120, 0x0121, 0x0140, 0x0144, 0x0145),
        *(0x02BC, 0x83BB, 0x8649, 0x8773, 0x927C),
    }
)
"""Tags that only lead elsewhere, tables, blocks told by names of their own, and makers' secrets."""

BINARY = frozenset(
    {"PrintImageMatching", "CFAPattern", "DeviceSettingDescription", "SpatialFrequencyResponse"}
)

RENAMED = {
    "ImageLength": "ImageHeight",
    "DateTime": "ModifyDate",
    "DateTimeDigitized": "CreateDate",
    "ISOSpeedRatings": "ISO",
    "ExposureBiasValue": "ExposureCompensation",
    "FocalLengthIn35mmFilm": "FocalLengthIn35mmFormat",
    "FlashPixVersion": "FlashpixVersion",
    "SubsecTime": "SubSecTime",
    "SubsecTimeOriginal": "SubSecTimeOriginal",
    "SubsecTimeDigitized": "SubSecTimeDigitized",
    "BodySerialNumber": "SerialNumber",
    "CameraOwnerName": "OwnerName",
    "LensSpecification": "LensInfo",
}

_ORIENTATION = {
    1: "Horizontal (normal)",
    2: "Mirror horizontal",
    3: "Rotate 180",
    4: "Mirror vertical",
    5: "Mirror horizontal and rotate 270 CW",
    6: "Rotate 90 CW",
    7: "Mirror horizontal and rotate 90 CW",
    8: "Rotate 270 CW",
}
_PROGRAM = {
    0: "Not Defined",
    1: "Manual",
    2: "Program AE",
    3: "Aperture-priority AE",
    4: "Shutter speed priority AE",
    5: "Creative (Slow speed)",
    6: "Action (High speed)",
    7: "Portrait",
    8: "Landscape",
}
_METERING = {
    0: "Unknown",
    1: "Average",
    2: "Center-weighted average",
    3: "Spot",
    4: "Multi-spot",
    5: "Multi-segment",
    6: "Partial",
    255: "Other",
}
_FLASH = {
    0x00: "No Flash",
    0x01: "Fired",
    0x05: "Fired, Return not detected",
    0x07: "Fired, Return detected",
    0x08: "On, Did not fire",
    0x09: "On, Fired",
    0x0D: "On, Return not detected",
    0x0F: "On, Return detected",
    0x10: "Off, Did not fire",
    0x18: "Auto, Did not fire",
    0x19: "Auto, Fired",
    0x1D: "Auto, Fired, Return not detected",
    0x1F: "Auto, Fired, Return detected",
    0x20: "No flash function",
    0x41: "Fired, Red-eye reduction",
    0x49: "On, Red-eye reduction",
    0x59: "Auto, Fired, Red-eye reduction",
}
_LIGHT = {
    0: "Unknown",
    1: "Daylight",
    2: "Fluorescent",
    3: "Tungsten (Incandescent)",
    4: "Flash",
    9: "Fine Weather",
    10: "Cloudy",
    11: "Shade",
    255: "Other",
}
_UNITS = {1: "None", 2: "inches", 3: "cm"}
_THREE = {0: "Normal", 1: "Low", 2: "High"}

WORDS: dict[str, dict[int, str]] = {
    "Orientation": _ORIENTATION,
    "ResolutionUnit": _UNITS,
    "FocalPlaneResolutionUnit": _UNITS,
    "YCbCrPositioning": {1: "Centered", 2: "Co-sited"},
    "ExposureProgram": _PROGRAM,
    "MeteringMode": _METERING,
    "LightSource": _LIGHT,
    "Flash": _FLASH,
    "ColorSpace": {1: "sRGB", 2: "Adobe RGB", 0xFFFF: "Uncalibrated"},
    "CustomRendered": {0: "Normal", 1: "Custom"},
    "ExposureMode": {0: "Auto", 1: "Manual", 2: "Auto bracket"},
    "WhiteBalance": {0: "Auto", 1: "Manual"},
    "SceneCaptureType": {0: "Standard", 1: "Landscape", 2: "Portrait", 3: "Night"},
    "GainControl": {0: "None", 1: "Low gain up", 2: "High gain up", 3: "Low gain down", 4: "High gain down"},
    "Contrast": _THREE,
    "Saturation": _THREE,
    "Sharpness": {0: "Normal", 1: "Soft", 2: "Hard"},
    "SubjectDistanceRange": {0: "Unknown", 1: "Macro", 2: "Close", 3: "Distant"},
    "SensingMethod": {
        1: "Not defined",
        2: "One-chip color area",
        3: "Two-chip color area",
        4: "Three-chip color area",
        5: "Color sequential area",
        7: "Trilinear",
        8: "Color sequential linear",
    },
    "FileSource": {1: "Film Scanner", 2: "Reflection Print Scanner", 3: "Digital Camera"},
    "SceneType": {1: "Directly photographed"},
}

_COMPASS = {"T": "True North", "M": "Magnetic North"}
GPS_REFERENCES: dict[str, dict[str, str]] = {
    "GPSLatitudeRef": {"N": "North", "S": "South"},
    "GPSLongitudeRef": {"E": "East", "W": "West"},
    "GPSDestLatitudeRef": {"N": "North", "S": "South"},
    "GPSDestLongitudeRef": {"E": "East", "W": "West"},
    "GPSAltitudeRef": {"0": "Above Sea Level", "1": "Below Sea Level", "": "Above Sea Level"},
    "GPSSpeedRef": {"K": "km/h", "M": "mph", "N": "knots"},
    "GPSTrackRef": _COMPASS,
    "GPSImgDirectionRef": _COMPASS,
    "GPSDestBearingRef": _COMPASS,
    "GPSStatus": {"A": "Measurement Active", "V": "Measurement Void"},
    "GPSMeasureMode": {"2": "2-Dimensional Measurement", "3": "3-Dimensional Measurement"},
}

IPTC = {
    5: "ObjectName",
    7: "EditStatus",
    10: "Urgency",
    12: "SubjectReference",
    15: "Category",
    20: "SupplementalCategories",
    22: "FixtureIdentifier",
    25: "Keywords",
    30: "ReleaseDate",
    35: "ReleaseTime",
    40: "SpecialInstructions",
    55: "DateCreated",
    60: "TimeCreated",
    62: "DigitalCreationDate",
    63: "DigitalCreationTime",
    65: "OriginatingProgram",
    70: "ProgramVersion",
    80: "By-line",
    85: "By-lineTitle",
    90: "City",
    92: "Sub-location",
    95: "Province-State",
    100: "Country-PrimaryLocationCode",
    101: "Country-PrimaryLocationName",
    103: "OriginalTransmissionReference",
    105: "Headline",
    110: "Credit",
    115: "Source",
    116: "CopyrightNotice",
    118: "Contact",
    120: "Caption-Abstract",
    122: "Writer-Editor",
}
"""Data sets of the second record."""
