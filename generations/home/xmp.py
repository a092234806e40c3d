"""What is told about a picture as XMP (ISO 16684-1), which picture programs read: written, and read back."""

import json
import re
from typing import Any
from xml.etree import ElementTree as Xml

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
DC = "http://purl.org/dc/elements/1.1/"
XMP = "http://ns.adobe.com/xap/1.0/"
IPTC = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
OURS = "urn:mjstudio:picture:1:"
XML = "http://www.w3.org/XML/1998/namespace"
MADE_BY_MACHINE = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
MOST_BYTES = 1_000_000  # of a packet that is read

_PLAIN = ("ref", "seed", "model", "job", "position", "made_by")  # what ours tells beside the common names
_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

for _prefix, _space in (
    ("x", "adobe:ns:meta/"), ("rdf", RDF), ("dc", DC), ("xmp", XMP), ("Iptc4xmpExt", IPTC), ("mjstudio", OURS),
):  # fmt: skip
    Xml.register_namespace(_prefix, _space)


def write(told: dict[str, Any]) -> bytes:
    """The packet for what `sidecars.facts` tells."""
    root = Xml.Element("{adobe:ns:meta/}xmpmeta")
    about = Xml.SubElement(Xml.SubElement(root, f"{{{RDF}}}RDF"), f"{{{RDF}}}Description", {f"{{{RDF}}}about": ""})
    description = Xml.SubElement(Xml.SubElement(about, f"{{{DC}}}description"), f"{{{RDF}}}Alt")
    Xml.SubElement(description, f"{{{RDF}}}li", {f"{{{XML}}}lang": "x-default"}).text = _writable(told["prompt"])
    if told["tags"]:
        bag = Xml.SubElement(Xml.SubElement(about, f"{{{DC}}}subject"), f"{{{RDF}}}Bag")
        for tag in told["tags"]:
            Xml.SubElement(bag, f"{{{RDF}}}li").text = _writable(tag)
    _add(about, XMP, "CreateDate", told["created_at"])
    _add(about, XMP, "Rating", told["rating"])
    _add(about, IPTC, "DigitalSourceType", MADE_BY_MACHINE)
    for name in _PLAIN:
        if told[name] is not None:
            _add(about, OURS, name, told[name])
    _add(about, OURS, "parameters", json.dumps(told["parameters"], ensure_ascii=False))
    _add(about, OURS, "parents", json.dumps(told["parents"]))
    body = Xml.tostring(root, encoding="utf-8")
    return b'<?xpacket begin="\xef\xbb\xbf" id="W5M0MpCehiHzreSzNTczkc9d"?>' + body + b'<?xpacket end="w"?>'


def read(packet: bytes) -> dict[str, Any]:
    """What a packet tells, by the names of `sidecars.facts`; empty where it is none. Never raises."""
    # What declares entities can grow without bounds when it is read.
    if len(packet) > MOST_BYTES or b"<!" in packet:
        return {}
    try:
        text = packet.decode().strip("\x00\ufeff \n")
        about = Xml.fromstring(text).iter(f"{{{RDF}}}Description")  # noqa: S314 (see above)
    except (Xml.ParseError, ValueError, LookupError):
        return {}
    told: dict[str, Any] = {}
    for description in about:
        _read_description(description, told)
    return told


def _read_description(description: Xml.Element, told: dict[str, Any]) -> None:
    text = description.findtext(f"{{{DC}}}description/{{{RDF}}}Alt/{{{RDF}}}li") or ""
    if text.strip():
        told["prompt"] = text.strip()
    tags = [item.text for item in description.findall(f"{{{DC}}}subject/{{{RDF}}}Bag/{{{RDF}}}li") if item.text]
    if tags:
        told["tags"] = tags
    names = {**dict.fromkeys(_PLAIN, OURS), "CreateDate": XMP, "Rating": XMP}
    for name, space in names.items():
        # A property may stand as an element or as an attribute.
        value = description.findtext(f"{{{space}}}{name}") or description.get(f"{{{space}}}{name}")
        if value:
            told[{"CreateDate": "created_at", "Rating": "rating"}.get(name, name)] = value.strip()


def _add(about: Xml.Element, space: str, name: str, value: Any) -> None:
    Xml.SubElement(about, f"{{{space}}}{name}").text = _writable(str(value))


def _writable(text: str) -> str:
    """Without what XML cannot hold."""
    return _UNWRITABLE.sub("", text)
