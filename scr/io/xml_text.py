"""XML from someone else, in which nothing is defined that could fill the memory."""

from xml.etree import ElementTree
from xml.parsers import expat


def parsed_xml(content: bytes) -> ElementTree.Element:
    """The root of a document without a document type.

    Parameters
    ----------
    content
        The document.

    Raises
    ------
    ValueError
        If it is no XML, or has a document type, where entities are defined.
    """

    def refuse(*_: object) -> None:
        msg = "it defines a document type, which a file of places does not"
        raise ValueError(msg)

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(content, True)
        return ElementTree.fromstring(content)
    except (expat.ExpatError, ElementTree.ParseError, LookupError) as fault:
        msg = f"no XML: {fault}"
        raise ValueError(msg) from fault
