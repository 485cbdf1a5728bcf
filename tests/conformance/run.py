#!/usr/bin/python3
"""Replays the conformance cases over every door, with one expected answer for all.

A case (cases/*.json holds lists of them):
    name      what it shows
    method    "voxel.set"
    flags     of the daemon, if other than none; cases with the same flags share a process
    files     {name: base64}: put into the daemon's --root before
    setup     calls before it, [method, request]; each must succeed
    setup_once  the same, once for each daemon
    hold      a stream opened before it (over JSON-RPC) and kept open, [method, request]
    doors     only these ("json", "grpc"), where the others cannot say such a thing
    first     of an endless stream: how many items to take
    flood     calls that are repeated in turn for a while after the stream's first item, before it is read on
    request   the request; or `parts`, a list of them, for a client stream
    response  the expected response, exactly; or `items`, a list of them, for a server stream
    error     instead: {"reason", "field"}, and "facts" where some are meant; the doors must also agree on code and message

HTTP and RESP2 carry unary methods, and are asked only those; RESP2 tells of an error's reason and message only.
Each case and door has a project of its own, made before unless "project" is false: "$p" stands for its id, "$q" for another
id that is free. In an expected answer "*" stands for any value that is there, "?" for one that may be missing.
Usage: run.py [PATTERN]: only the cases whose name or method contains PATTERN.
"""

import base64
import functools
import itertools
import json
import pathlib
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))

import daemon as support  # noqa: E402
import http_client  # noqa: E402
import redis  # noqa: E402

import grpc  # noqa: E402
from google.protobuf import json_format  # noqa: E402

# Both, at the least: a slow machine must fill what a fast one does.
FLOOD_SECONDS, FLOOD_CALLS = 2.5, 5000

GROUPS = (
    "admin",
    "history",
    "inspect",
    "layer",
    "palette",
    "project",
    "render",
    "scene",
    "selection",
    "transfer",
    "voxel",
)


class Failed(Exception):
    """A door's error answer, in one form for both."""

    def __init__(self, reason, field, code, message, facts):
        super().__init__(f"{reason} {field} {code} {message}")
        self.error = {"reason": reason, "field": field, "code": code, "message": message}
        self.error["facts"] = facts


class Method:
    """A method's descriptor, stub name and message classes."""

    def __init__(self, name):
        group, rpc = name.split(".")
        self.module = support.Daemon.pb(group)
        self.service = f"{group.capitalize()}Service"
        self.rpc = "".join(word.capitalize() for word in rpc.split("_"))
        self.descriptor = self.module.DESCRIPTOR.services_by_name[self.service].methods_by_name[
            self.rpc
        ]
        self.request = self._class(self.descriptor.input_type)
        self.response = self._class(self.descriptor.output_type)

    def _class(self, message):
        for group in GROUPS:
            module = support.Daemon.pb(group)
            if message.name in module.DESCRIPTOR.message_types_by_name:
                return getattr(module, message.name)
        raise LookupError(message.full_name)

    def streams_in(self):
        return self.request is not None and self.rpc in ("WriteRegion", "Import", "Restore")

    def streams_out(self):
        return self.rpc in ("ReadRegion", "Diff", "Watch", "Export", "Backup", "Verify")


def read(stream, first, flood):
    """The items of a stream, or only the first ones; `flood`, if there is one, runs after the very first."""
    items = []
    if flood:
        items.append(next(stream))
        flood()
    return items + list(itertools.islice(stream, first))


class JsonDoor:
    name, streams = "json", True

    def __init__(self, daemon):
        self.daemon, self.rpc = daemon, daemon.connect()

    def hold(self, method_name, request):
        """An open stream; whoever has it calls it to end it."""
        rpc = self.daemon.connect()
        rpc.call(method_name, request)
        return rpc.close

    def run(self, method_name, request, first=None, flood=None):
        """The list of response messages; only the first ones of an endless stream. `flood` runs after the first."""
        method = Method(method_name)
        try:
            if method.streams_out():
                with self.daemon.connect() as rpc:  # its end cancels what is left of the stream
                    results = read(rpc.stream(method_name, request), first, flood)
            else:
                results = [self.rpc.call(method_name, request)]
        except support.RpcError as error:
            facts = error.data.get("metadata", {})
            code = error.data.get("grpc_code")
            raise Failed(error.reason, error.field, code, error.message, facts) from None
        return [json_format.ParseDict(result, method.response()) for result in results]


class HttpDoor:
    name, streams = "http", False

    def __init__(self, daemon):
        self.daemon, self.http = daemon, http_client.HttpClient(daemon)

    def run(self, method_name, request, *_):
        method = Method(method_name)
        reply = self.http.call(f"{method.service}/{method.rpc}", request)
        answer = reply.json()
        if reply.status == 200:
            return [json_format.ParseDict(answer, method.response())]
        info = answer["details"][0]["debug"]
        field, facts = info.get("field", ""), info.get("metadata", {})
        raise Failed(info["reason"], field, info.get("grpc_code"), answer["message"], facts)


class RespDoor:
    name, streams = "resp", False

    def __init__(self, daemon):
        self.daemon = daemon
        self.redis = redis.Redis(unix_socket_path=str(daemon.socket))

    def run(self, method_name, request, *_):
        try:
            answer = self.redis.execute_command("CALL", method_name, json.dumps(request))
        except redis.ResponseError as error:
            reason, _, message = str(error).partition(" ")
            raise Failed(reason, None, None, message, None) from None
        return [json_format.ParseDict(json.loads(answer), Method(method_name).response())]


class GrpcDoor:
    name, streams = "grpc", True

    def __init__(self, daemon):
        self.daemon, self.channel = daemon, daemon.channel()

    def run(self, method_name, request, first=None, flood=None):
        method = Method(method_name)
        call = getattr(self.daemon.stub(method.service, self.channel), method.rpc)
        try:
            if method.streams_in():
                return [
                    call(iter([json_format.ParseDict(part, method.request()) for part in request]))
                ]
            message = json_format.ParseDict(request, method.request())
            if not method.streams_out():
                return [call(message)]
            stream = call(message)
            items = read(stream, first, flood)
            stream.cancel()
            return items
        except grpc.RpcError as error:
            info = support.Daemon.pb("error").ErrorInfo()
            for key, value in error.trailing_metadata():
                if key == "voxeld-error-bin":
                    info.ParseFromString(value)
            code, facts = error.code().name, dict(info.metadata)
            raise Failed(info.reason, info.field, code, error.details(), facts) from None


def plain(message):
    """A message in one form: every 64-bit integer a number, every name as in the proto."""

    def numbers(value, descriptor):
        if isinstance(value, list):
            return [numbers(one, descriptor) for one in value]
        if not isinstance(value, dict) or descriptor is None:
            return value
        out = {}
        for key, one in value.items():
            field = descriptor.fields_by_name.get(key)
            if field is None:  # a map's entry: "key" and "value" are the fields of its type
                field = descriptor.fields_by_name["value"]
            if field.label == field.LABEL_REPEATED and isinstance(one, dict):
                out[key] = numbers(one, field.message_type)
            elif field.cpp_type in (field.CPPTYPE_INT64, field.CPPTYPE_UINT64):
                out[key] = [int(n) for n in one] if isinstance(one, list) else int(one)
            else:
                out[key] = numbers(one, field.message_type)
        return out

    return numbers(
        json_format.MessageToDict(message, preserving_proto_field_name=True), message.DESCRIPTOR
    )


def fill_in(value, names):
    """`value` with "$p", "$q" and "$root" replaced wherever they stand in a string."""
    if isinstance(value, str):
        for short, name in names.items():
            value = value.replace(short, name)
        return value
    if isinstance(value, list):
        return [fill_in(one, names) for one in value]
    if isinstance(value, dict):
        return {fill_in(key, names): fill_in(one, names) for key, one in value.items()}
    return value


def differences(want, got, path="answer"):
    """What is wrong with `got`, one line each."""
    if want in ("*", "?"):
        return
    if isinstance(want, dict) and isinstance(got, dict):
        for key in sorted(set(want) | set(got)):
            if key not in got:
                if want[key] == "?":
                    continue
                yield f"{path}.{key} is missing"
            elif key not in want:
                yield f"{path}.{key} is {json.dumps(got[key])}, not expected"
            else:
                yield from differences(want[key], got[key], f"{path}.{key}")
    elif isinstance(want, list) and isinstance(got, list):
        if len(want) != len(got):
            yield f"{path} has {len(got)} entries, not {len(want)}: {json.dumps(got)[:300]}"
        for index, (one, other) in enumerate(zip(want, got)):
            yield from differences(one, other, f"{path}[{index}]")
    elif want != got:
        yield f"{path} is {json.dumps(got)[:300]}, not {json.dumps(want)[:300]}"


DOORS = (JsonDoor, GrpcDoor, HttpDoor, RespDoor)


def carries(door, case):
    """Whether a door can make all the calls of a case."""
    names = [case["method"], *(call[0] for call in case.get("setup", []))]
    methods = [Method(name) for name in names]
    return door.streams or not any(m.streams_in() or m.streams_out() for m in methods)


class Runner:
    def __init__(self):
        self.daemons, self.ids = {}, itertools.count(1)
        self.roots, self.done_once = [], set()

    def daemon(self, flags):
        if flags not in self.daemons:
            root = tempfile.TemporaryDirectory(prefix="voxeld-root-")
            self.roots.append(root)
            expanded = [flag.replace("$root", root.name) for flag in flags]
            daemon = support.Daemon(*expanded)
            self.daemons[flags] = (daemon, [door(daemon) for door in DOORS], root.name)
        return self.daemons[flags]

    def close(self):
        for daemon, _, _ in self.daemons.values():
            daemon.close()
        for root in self.roots:
            root.cleanup()

    def run(self, case):
        """Problems of one case, over the doors."""
        daemon, doors, root = self.daemon(tuple(case.get("flags", ())))
        errors = {}
        for door in doors:
            if door.name not in case.get("doors", door.name) or not carries(door, case):
                continue
            number = next(self.ids)
            names = {"$p": f"p{number}", "$q": f"q{number}", "$root": root}
            for file, content in case.get("files", {}).items():
                (pathlib.Path(root) / file).write_bytes(base64.b64decode(content))
            try:
                yield from (
                    f"{door.name}: {line}" for line in self.replay(case, door, names, errors)
                )
            except Failed as error:
                yield f"{door.name}: setup failed: {error}"
        told = list(errors.items())
        for (first, one), (second, other) in itertools.pairwise(told):
            if any(one[key] != other[key] for key in one.keys() & other.keys()):
                yield f"the doors disagree: {one} by {first}, {other} by {second}"

    def replay(self, case, door, names, errors):
        setup = (
            [["project.create", {"project": "$p"}]] if case.get("project", True) else []
        ) + case.get("setup", [])
        for method, request in case.get("setup_once", []):
            if (id(door.daemon), json.dumps([method, request])) not in self.done_once:
                self.done_once.add((id(door.daemon), json.dumps([method, request])))
                door.run(method, request)
        for method, request in setup:
            door.run(method, fill_in(request, names))
        if "hold" in case:
            end = self.daemon(tuple(case.get("flags", ())))[1][0].hold(
                case["hold"][0], fill_in(case["hold"][1], names)
            )
            try:
                return self.answer(case, door, names, errors)
            finally:
                end()
        return self.answer(case, door, names, errors)

    @staticmethod
    def flood(daemon, calls):
        end = time.monotonic() + FLOOD_SECONDS
        with daemon.connect() as rpc:
            for number, (method, request) in enumerate(itertools.cycle(calls)):
                rpc.call(method, request)
                if number > FLOOD_CALLS and time.monotonic() > end:
                    return

    def answer(self, case, door, names, errors):
        request = fill_in(case["parts"] if "parts" in case else case.get("request", {}), names)
        flood = None
        if "flood" in case:
            flood = functools.partial(self.flood, door.daemon, fill_in(case["flood"], names))
        try:
            got = [
                plain(message)
                for message in door.run(case["method"], request, case.get("first"), flood)
            ]
        except Failed as error:
            # Ids differ between the doors' projects; everything else must be the same.
            same = {
                key: str(value).replace(names["$p"], "$p").replace(names["$q"], "$q")
                for key, value in error.error.items()
                if value is not None and key != "facts"  # those of a stream are not the same ones
            }
            errors[door.name] = same
            if "error" not in case:
                return [f"failed: {error}"]
            want = {key: fill_in(value, names) for key, value in case["error"].items()}
            got = {key: error.error[key] for key in want}
            for key in [key for key, value in got.items() if value is None]:
                del got[key], want[key]  # the door does not say
            return list(differences(want, got, "error"))
        if "error" in case:
            return [
                f"answered {json.dumps(got)[:300]}, where {case['error']['reason']} was expected"
            ]
        want = fill_in(case["items"] if "items" in case else [case["response"]], names)
        return list(differences(want, got))


def main():
    pattern = sys.argv[1] if len(sys.argv) > 1 else ""
    runner, passed, failed = Runner(), 0, 0
    try:
        for path in sorted((HERE / "cases").glob("*.json")):
            for case in json.loads(path.read_text()):
                if pattern not in case["name"] and pattern not in case["method"]:
                    continue
                problems = list(runner.run(case))
                passed, failed = passed + (not problems), failed + bool(problems)
                for problem in problems:
                    print(f"{path.name}: {case['method']}: {case['name']}: {problem}")
    finally:
        runner.close()
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
