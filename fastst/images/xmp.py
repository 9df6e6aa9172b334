"""XMP: what of it is still true of a stylized copy, and may be shown to whoever gets that."""

import xml.etree.ElementTree as ET

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_META = "adobe:ns:meta/"
_TIFF = "http://ns.adobe.com/tiff/1.0/"
_EXIF = "http://ns.adobe.com/exif/1.0/"
_PHOTOSHOP = "http://ns.adobe.com/photoshop/1.0/"
_XMP = "http://ns.adobe.com/xap/1.0/"
# What an artist needs: who made what, when, with which camera, and whose it is.
_USUAL = {
    "dc": "http://purl.org/dc/elements/1.1/",
    "photoshop": _PHOTOSHOP,
    "xmp": _XMP,
    "xmpRights": "http://ns.adobe.com/xap/1.0/rights/",
    "Iptc4xmpCore": "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/",
    "plus": "http://ns.useplus.org/ldf/xmp/1.0/",
    "cc": "http://creativecommons.org/ns#",
    "aux": "http://ns.adobe.com/exif/1.0/aux/",
    "exifEX": "http://cipa.jp/exif/1.0/",
    "tiff": _TIFF,
    "exif": _EXIF,
}
# What describes the pixels of the photo's own file, or what was stored behind them.
_STALE_SPACES = frozenset(
    (
        "http://ns.google.com/photos/1.0/camera/",
        "http://ns.google.com/photos/1.0/container/",
        "http://ns.google.com/photos/1.0/container/item/",
        "http://ns.google.com/photos/1.0/image/",
        "http://ns.google.com/photos/1.0/depthmap/",
        "http://ns.google.com/photos/1.0/panorama/",
        "http://ns.adobe.com/hdr-gain-map/1.0/",
        "http://ns.apple.com/HDRGainMap/1.0/",
        "http://ns.apple.com/pixeldatainfo/1.0/",
        "http://ns.adobe.com/camera-raw-settings/1.0/",
        "http://ns.adobe.com/xmp/note/",
    )
)
_KEPT_OF_TIFF = frozenset(
    ("Make", "Model", "Artist", "Copyright", "ImageDescription", "DateTime", "Software")
)
_STALE = {
    _EXIF: frozenset(("ColorSpace", "PixelXDimension", "PixelYDimension", "NativeDigest", "SubjectArea")),
    _PHOTOSHOP: frozenset(("ColorMode", "ICCProfile", "DocumentAncestors")),
    _XMP: frozenset(("Thumbnails",)),
}
_LARGEST = 2**20


def still_true(xmp: bytes, *, everything: bool) -> bytes | None:
    """Return XMP without what no longer holds, such as orientation, size and claims of hidden pictures.

    Args:
        xmp: a packet.
        everything: keep what else there is, positions too; else only what an artist needs.

    Returns:
        A new packet, or None where nothing is left or it cannot be read.
    """
    start = xmp.find(b"<rdf:RDF") if b"<x:xmpmeta" not in xmp else xmp.find(b"<x:xmpmeta")
    end = max(xmp.rfind(b"</x:xmpmeta>") + 12, xmp.rfind(b"</rdf:RDF>") + 10)
    # Without a definition of entities, the parser cannot be made to expand any.
    if start < 0 or end < 12 or len(xmp) > _LARGEST or b"<!" in xmp:
        return None
    try:
        root = ET.fromstring(xmp[start:end])
    except (ET.ParseError, ValueError):
        return None
    left = [_cleaned(each, everything=everything) for each in root.iter(f"{{{_RDF}}}Description")]
    left = [each for each in left if len(each) or set(each.attrib) - {f"{{{_RDF}}}about"}]
    if not left:
        return None
    for prefix, space in (("rdf", _RDF), ("x", _META), *_USUAL.items()):
        ET.register_namespace(prefix, space)
    meta = ET.Element(f"{{{_META}}}xmpmeta")
    ET.SubElement(meta, f"{{{_RDF}}}RDF").extend(left)
    return b'<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>' + ET.tostring(meta) + b'<?xpacket end="w"?>'


def _cleaned(description: ET.Element, *, everything: bool) -> ET.Element:
    new = ET.Element(description.tag, {f"{{{_RDF}}}about": ""})
    for name, value in description.attrib.items():
        if _is_kept(name, everything=everything):
            new.set(name, value)
    new.extend(child for child in description if _is_kept(child.tag, everything=everything))
    return new


def _is_kept(tag: str, *, everything: bool) -> bool:
    space, _, name = tag.lstrip("{").partition("}")
    if space == _TIFF:
        return name in _KEPT_OF_TIFF
    if space in _STALE_SPACES or name in _STALE.get(space, ()) or space == _RDF:
        return False
    return everything or (space in _USUAL.values() and not name.startswith("GPS"))
