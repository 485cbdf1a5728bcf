"""Reads a .proto far enough for the lints: elements with their line, their comment and what they
stand in.
"""

import dataclasses
import re

TOKEN = re.compile(
    r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\])*"|[A-Za-z_][\w.]*|\d[\w.]*|[{}<>()\[\]=;,.+-]|\n',
    re.DOTALL,
)


@dataclasses.dataclass
class Element:
    kind: str  # message, enum, service, oneof, rpc, field, value
    name: str
    line: int
    end: int  # the line of its ; or {
    comment: str  # what stands above it and behind it
    parent: "Element | None" = None


class ProtoFile:
    """The elements of one file, in order."""

    def __init__(self, text: str):
        self.elements: list[Element] = []
        self.package = (re.search(r"^package\s+([\w.]+);", text, re.MULTILINE) or ["", ""])[1]
        self._tokens = self._tokenize(text)
        self._parse(None, 0)

    def of(self, *kinds: str) -> list[Element]:
        return [e for e in self.elements if e.kind in kinds]

    @staticmethod
    def _tokenize(text: str) -> list[tuple[str, int]]:
        tokens, line = [], 1
        for match in TOKEN.finditer(text):
            if match[0] != "\n":
                tokens.append((match[0], line))
            line += match[0].count("\n")
        return tokens

    def _parse(self, parent: Element | None, at: int) -> int:
        """Reads statements up to the closing brace of `parent`; returns the place behind it."""
        tokens, above, words, line = self._tokens, [], [], 0
        while at < len(tokens):
            token, here = tokens[at]
            at += 1
            if token.startswith(("//", "/*")):
                above = self._comment(above, token, here, bool(words))
            elif token == "}":
                return at
            elif token in ("{", ";"):
                element = self._add(words, line, here, above, parent)
                if token == "{":
                    at = self._parse(element or Element("option", "", line, here, ""), at)
                words, above = [], []
            else:
                line = line if words else here
                words.append(token)
        return at

    def _comment(self, above, token, line, inside):
        """A comment on the line of the last element belongs to it; others wait for the next
        element.
        """
        text = re.sub(r"^//+ ?|^/\*+ ?|\*/$", "", token)
        last = self.elements[-1] if self.elements else None
        if last and not inside and last.end == line:
            last.comment += "\n" + text
            return above
        if above and above[-1][1] + 1 < line:
            above = []  # an empty line between: a heading, not documentation
        return above + [(text, line + token.count("\n"))]

    def _add(self, words, line, end, above, parent) -> Element | None:
        kind_name = classify(words, parent)
        if kind_name is None:
            return None
        comment = "\n".join(t for t, _ in above) if above and above[-1][1] + 1 >= line else ""
        element = Element(*kind_name, line, end, comment, parent)
        self.elements.append(element)
        return element


def classify(words: list[str], parent: Element | None) -> tuple[str, str] | None:
    if len(words) > 1 and words[0] in ("message", "enum", "service", "oneof"):
        return words[0], words[1]
    if len(words) > 1 and words[0] == "rpc":
        return "rpc", words[1]
    if (
        parent
        and parent.kind in ("message", "oneof")
        and "=" in words
        and words[0] not in ("option", "reserved")
    ):
        return "field", words[words.index("=") - 1]
    if (
        parent
        and parent.kind == "enum"
        and len(words) > 2
        and words[1] == "="
        and words[0] != "option"
    ):
        return "value", words[0]
    return None
