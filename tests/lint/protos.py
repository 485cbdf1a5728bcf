"""The API reads alike everywhere, and its comments are its documentation: names, comments, one
service a group.
"""

import re

from proto_file import Element, ProtoFile
from tree import Finding, Tree, main

SHAPE = {
    "message": (r"([A-Z][a-z0-9]*)+", "CamelCase"),
    "enum": (r"([A-Z][a-z0-9]*)+", "CamelCase"),
    "service": (r"([A-Z][a-z0-9]*)+Service", "CamelCase and end in Service"),
    "rpc": (r"([A-Z][a-z0-9]*)+", "CamelCase"),
    "field": (r"[a-z][a-z0-9]*(_[a-z0-9]+)*", "lower_snake_case"),
    "oneof": (r"[a-z][a-z0-9]*(_[a-z0-9]+)*", "lower_snake_case"),
    "value": (r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*", "UPPER_SNAKE_CASE"),
}


def snake(name: str) -> str:
    """ApplyEdits -> apply_edits."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def check_element(path: str, element: Element) -> list[Finding]:
    found = []
    pattern, shape = SHAPE[element.kind]
    if not re.fullmatch(pattern, element.name):
        found.append((path, element.line, f"{element.kind} {element.name} must be {shape}"))
    if element.kind != "oneof" and not element.comment.strip() and not self_evident(element):
        found.append((path, element.line, f"{element.kind} {element.name} has no comment"))
    return found


def self_evident(element: Element) -> bool:
    """The zero of an enum only says that nothing was said."""
    return element.kind == "value" and element.name.endswith("_UNSPECIFIED")


def check_enum(path: str, enum: Element, values: list[Element]) -> list[Finding]:
    prefix = snake(enum.name).upper() + "_"
    found = [
        (path, v.line, f"value {v.name} must start with {prefix}")
        for v in values
        if not v.name.startswith(prefix)
    ]
    if values and values[0].name != prefix + "UNSPECIFIED":
        found.append(
            (path, values[0].line, f"the first value of {enum.name} must be {prefix}UNSPECIFIED")
        )
    return found


def check_service(path: str, proto: ProtoFile) -> list[Finding]:
    services = proto.of("service")
    found = [(path, s.line, "one service a file") for s in services[1:]]
    group = path.rsplit("/", 1)[1].removesuffix(".proto")
    if services and snake(services[0].name.removesuffix("Service")) != group:
        found.append(
            (path, services[0].line, f"{services[0].name} belongs into a file of its group's name")
        )
    return found


def check(tree: Tree) -> list[Finding]:
    found: list[Finding] = []
    for path in tree.files(r"proto/voxeld/v1/[^/]*\.proto"):
        proto = ProtoFile(tree.text(path))
        if proto.package != "voxeld.v1":
            found.append((path, 1, "the package must be voxeld.v1"))
        for element in proto.elements:
            found += check_element(path, element)
        for enum in proto.of("enum"):
            found += check_enum(path, enum, [v for v in proto.of("value") if v.parent is enum])
        found += check_service(path, proto)
    return found


if __name__ == "__main__":
    main("protos", check)
