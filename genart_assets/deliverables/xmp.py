"""XMP packets: building one from what a file says about itself, and reading one back."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET

from genart_assets.deliverables.embedded import TOOL, Embedded
from genart_assets.errors import InputError

NAMESPACES = {
    "x": "adobe:ns:meta/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "dc": "http://purl.org/dc/elements/1.1/",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "Iptc4xmpExt": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
    "genart": "urn:genart-assets:xmp:1#",
}
TRAINED_ALGORITHMIC_MEDIA = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
COMPOSITE_WITH_TRAINED_ALGORITHMIC_MEDIA = (
    "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
)

_PACKET = '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n{body}\n<?xpacket end="r"?>'
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

for _prefix, _uri in NAMESPACES.items():
    ET.register_namespace(_prefix, _uri)


def packet_of(embedded: Embedded) -> str:
    """The XMP packet: equal records give equal text, without date or random id.

    Characters that XML cannot hold are replaced in the prompt, and escaped in the recipe, which stays exact.
    """
    meta = ET.Element(_tag("x:xmpmeta"))
    about = ET.SubElement(ET.SubElement(meta, _tag("rdf:RDF")), _tag("rdf:Description"), {_tag("rdf:about"): ""})
    creators = ET.SubElement(ET.SubElement(about, _tag("dc:creator")), _tag("rdf:Seq"))
    ET.SubElement(creators, _tag("rdf:li")).text = TOOL
    descriptions = ET.SubElement(ET.SubElement(about, _tag("dc:description")), _tag("rdf:Alt"))
    description = ET.SubElement(descriptions, _tag("rdf:li"), {_LANGUAGE: "x-default"})
    description.text = _NOT_IN_XML.sub("\ufffd", embedded.prompt)
    ET.SubElement(about, _tag("xmp:CreatorTool")).text = TOOL
    for name, value in _of_iptc(embedded).items():
        ET.SubElement(about, _tag(f"Iptc4xmpExt:{name}")).text = _NOT_IN_XML.sub("\ufffd", value)
    for name, value in embedded.model_dump(exclude={"prompt", "recipe"}).items():
        ET.SubElement(about, _tag(f"genart:{name}")).text = _NOT_IN_XML.sub("\ufffd", str(value))
    ET.SubElement(about, _tag("genart:recipe")).text = _NOT_IN_XML.sub(_json_escape, embedded.recipe)
    ET.indent(meta, " ")
    return _PACKET.format(body=ET.tostring(meta, encoding="unicode"))


def _of_iptc(embedded: Embedded) -> dict[str, str]:
    """What the IPTC Photo Metadata Standard 2025.1 has for generated pictures."""
    recipe = json.loads(embedded.recipe)
    excludes = recipe.get("negative_prompt", "")
    return {
        "DigitalSourceType": source_type(started="start" in recipe),
        "AISystemUsed": embedded.model,
        "AISystemVersionUsed": embedded.model_snapshot,
        "AIPromptInformation": f"{embedded.prompt}; excludes: {excludes}" if excludes else embedded.prompt,
    }


def source_type(*, started: bool) -> str:
    """The IPTC term for a picture that a model made, or made of another picture that it started from."""
    return COMPOSITE_WITH_TRAINED_ALGORITHMIC_MEDIA if started else TRAINED_ALGORITHMIC_MEDIA


def genart_properties(xml: bytes) -> dict[str, str]:
    """The ``genart:`` properties of an XMP packet, or of an SVG that holds one; none if it has none.

    InputError if the XML is damaged, or declares a document type: no XMP packet does.
    """
    if b"<!DOCTYPE" in xml:
        raise InputError("the XMP metadata declares a document type", remedy="take the file as it was delivered")
    try:
        root = ET.fromstring(xml)
    except ET.ParseError as error:
        raise InputError(f"the XMP metadata is damaged: {error}", remedy="take the file as it was delivered") from error
    prefix = _tag("genart:")
    return {
        node.tag.removeprefix(prefix): node.text or ""
        for about in root.iter(_tag("rdf:Description"))
        for node in about
        if node.tag.startswith(prefix)
    }


def _tag(name: str) -> str:
    """``{uri}local`` for ``prefix:local``."""
    prefix, local = name.split(":")
    return f"{{{NAMESPACES[prefix]}}}{local}"


def _json_escape(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"
