"""Attribution taken out of XMP, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from origin.render.pillow.xmp import attribution

PACKET = b"""<?xpacket begin="\xef\xbb\xbf" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
  xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmpRights="http://ns.adobe.com/xap/1.0/rights/"
  xmlns:exif="http://ns.adobe.com/exif/1.0/" xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/">
<rdf:Description rdf:about="" exif:GPSLatitude="52,31.2N" xmpRights:Marked="True" photoshop:City="Berlin">
  <dc:creator><rdf:Seq><rdf:li>Ann</rdf:li><rdf:li>Ben &amp; Co</rdf:li></rdf:Seq></dc:creator>
  <dc:rights><rdf:Alt><rdf:li xml:lang="x-default">(c) Ann</rdf:li></rdf:Alt></dc:rights>
  <dc:description><rdf:Alt><rdf:li>At home</rdf:li></rdf:Alt></dc:description>
  <exif:GPSLongitude>13,24.1E</exif:GPSLongitude>
</rdf:Description>
<rdf:Description rdf:about=""><xmpRights:WebStatement>https://ann.test/licence</xmpRights:WebStatement>
  <photoshop:Credit>Agency</photoshop:Credit></rdf:Description>
</rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>"""

LAUGHS = b"".join(b'<!ENTITY a%d "%s">' % (each, b"&a%d;" % (each - 1) * 10) for each in range(1, 12))
BOMB = b'<!DOCTYPE a [<!ENTITY a0 "ha">' + LAUGHS + b"]><a>&a11;</a>"


def test_who_is_kept_and_where_is_not() -> None:
    """Lists, texts and attributes of several descriptions, in one."""
    kept = attribution(PACKET).decode()
    for text in (
        "Ann",
        "Ben &amp; Co",
        "(c) Ann",
        'xmpRights:Marked="True"',
        "https://ann.test/licence",
        "Agency",
    ):
        assert text in kept
    for text in ("GPS", "52,31", "13,24", "Berlin", "At home", "exif"):
        assert text not in kept
    assert attribution(kept.encode()).decode() == kept


@pytest.mark.parametrize(
    "packet",
    [
        b"",
        b"<x/>",
        b"not xml",
        b"\xff\xfe<",
        PACKET[:400],
        PACKET.replace(b"dc:", b"exif:").replace(b"xmpRights:", b"exif:").replace(b"photoshop:", b"exif:"),
        b'<?xml version="1.0" encoding="nonsense"?><x/>',
        BOMB,
    ],
)
def test_what_tells_nobody_is_left_behind(packet: bytes) -> None:
    """Broken, of something else, or swelling."""
    assert attribution(packet) == b""


@given(st.binary(max_size=200), st.integers(0, len(PACKET)))
def test_any_bytes_give_an_answer(noise: bytes, at: int) -> None:
    """Files are edited by anything."""
    assert isinstance(attribution(PACKET[:at] + noise + PACKET[at:]), bytes)
