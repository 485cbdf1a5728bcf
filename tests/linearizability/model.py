"""A small project as a sequential machine: what each operation answers, and what it leaves.

The project has a few voxels, called by their index; a revision line; what the whole project can undo and redo; and
the request ids that were answered. Operations, with their args and results:

    set   {"at": [index, ...], "rgba", write}    {"rev", "changed", "replayed"}
    undo, redo   {"count", write}                the same, and "done", "undo_left", "redo_left"
    get   {"at": [index, ...]}                   {"rev", "rgba": [...]}
    log   {"size"}                               {"revs": [[revision, previous, tag], ...]}, newest first

What RESP2 has of its own says less:

    peek  {"at": [index]}                        {"rgba": [...]}
    mset  as set                                 {"changed"}
    put   as set                                 {}; those that come together may share one revision: it is whole when
                                                 anybody sees it

`write`: "tag" (the comment, unique unless it is a retry), "id" (request id), "expected" (revision), "unchanged":
[[index, ...], since], "relaxed". Any of them may answer {"error": REASON}, with "current" for REVISION_MISMATCH.

Numbers: in one life of a daemon that does not fail, each revision's number is the one before plus 1; after a restart
the next one is above all that anybody was told of. `any_number` allows gaps everywhere (a store whose commits fail).
Retention: with `retained`, so many revisions stay, and with older ones go the steps that need them: an undo may find
less, a guard may answer REVISION_DROPPED. The daemon does not count yet what `clients` clients have under way: so the
oldest that stays is one of a few, and only the answer tells which. What is older is gone, what is younger is there.
Crashes: what was answered as durable stays. Behind the last such answer a crash may cut off any number of the last
steps: relaxed ones, and those whose answer did not come.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from history import Restart

WRITES = ("set", "mset", "put", "undo", "redo")
# The daemon did nothing and says so; it may always.
REFUSALS = ("OVERLOADED", "SHUTTING_DOWN", "COMMIT_FAILED")


class Link(NamedTuple):
    """A list that shares its tail; `key` stands for all of it."""

    value: Any
    rest: Link | None
    size: int
    key: int


def link(value: Any, rest: Link | None) -> Link:
    below = rest.key if rest else 0
    return Link(value, rest, 1 + (rest.size if rest else 0), hash((value, below)))


def size(chain: Link | None) -> int:
    return chain.size if chain else 0


def key(chain: Link | None) -> int:
    return chain.key if chain else 0


class Remembered:
    """Request ids with what was asked and answered: a map that shares what a new entry leaves as it is."""

    __slots__ = ("root", "key")
    FAN = 16

    def __init__(self, root: tuple[Any, ...] = (), key: int = 0) -> None:
        self.root, self.key = root, key

    def find(self, request_id: str) -> tuple[str, dict[str, Any]] | None:
        node = self.root
        for slot in self._slots(request_id):
            node = node[slot] if node else ()
        for known, payload, answer in node:
            if known == request_id:
                return payload, answer
        return None

    def plus(self, request_id: str, payload: str, answer: dict[str, Any]) -> Remembered:
        entry = (request_id, payload, answer)
        root = self._put(self.root, self._slots(request_id), entry)
        return Remembered(root, self.key ^ hash((request_id, payload, json.dumps(answer))))

    @classmethod
    def _slots(cls, request_id: str) -> tuple[int, ...]:
        number = hash(request_id)
        return tuple((number >> shift) % cls.FAN for shift in (0, 4, 8))

    @classmethod
    def _put(cls, node: tuple[Any, ...], slots: tuple[int, ...], entry: Any) -> tuple[Any, ...]:
        if not slots:
            return (*node, entry)
        node = node or ((),) * cls.FAN
        below = cls._put(node[slots[0]], slots[1:], entry)
        return (*node[: slots[0]], below, *node[slots[0] + 1 :])


class Line(NamedTuple):
    """One revision."""

    revision: int
    previous: int
    tag: str
    content: tuple[int, ...]


class Step(NamedTuple):
    """What can be undone or redone: an edit, between two revisions, and the content that this leads to."""

    before: int
    after: int
    content: tuple[int, ...]


class State:
    """The project between two operations. Immutable; equal states have equal keys (64-bit hashes of their parts)."""

    __slots__ = ("line", "undo", "redo", "requests", "told", "jump", "prior", "base", "key")

    def __init__(
        self,
        line: Link,
        undo: Link | None = None,  # the steps to go back, the next one first
        redo: Link | None = None,
        requests: Remembered = Remembered(),
        told: int = 0,  # nothing before this life of the daemon had a higher number
        jump: bool = False,  # the next number may leave a gap
        prior: Link | None = None,  # states that a crash may fall back to, the latest first
        base: State | None = None,  # before the last revision, if puts may still join that
    ) -> None:
        self.line, self.undo, self.redo, self.requests = line, undo, redo, requests
        self.told, self.jump, self.prior, self.base = told, jump, prior, base
        self.key = hash(
            (key(line), key(undo), key(redo), requests.key, told, jump, size(prior), key(prior))
            + ((base.key,) if base else ())
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, State) and self.key == other.key

    def __hash__(self) -> int:
        return self.key

    def seen(self) -> State:
        """As somebody saw it: its last revision is whole."""
        if self.base is None:
            return self
        return State(
            self.line, self.undo, self.redo, self.requests, self.told, self.jump, self.prior
        )

    @property
    def head(self) -> int:
        return int(self.line.value.revision)

    @property
    def content(self) -> tuple[int, ...]:
        content: tuple[int, ...] = self.line.value.content
        return content

    def at(self, revision: int) -> tuple[int, ...] | None:
        node: Link | None = self.line
        while node is not None and node.value.revision > revision:
            node = node.rest
        if node is None or node.value.revision != revision:
            return None
        content: tuple[int, ...] = node.value.content
        return content

    def oldest(self, count: int) -> int:
        """The number of the oldest of the last `count` revisions; 0 if there are no others."""
        node: Link | None = self.line
        for _ in range(min(count, size(node)) - 1):
            node = node.rest if node else None
        return int(node.value.revision) if node and node.rest else 0

    def log(self, count: int) -> list[list[Any]]:
        found, node = [], self.line
        while node is not None and len(found) < count:
            found.append([node.value.revision, node.value.previous, node.value.tag])
            node = node.rest
        return found


def new_project(voxels: int, tag: str = "") -> State:
    """As project.create leaves it: revision 1, empty."""
    return State(link(Line(1, 0, tag, (0,) * voxels), None), told=1)


def head_in(result: dict[str, Any] | None) -> int:
    """The latest revision as an answer tells it, of when it was answered; 0: it does not."""
    if not result or result.get("replayed"):
        return 0
    revision: int = result.get("rev") or result.get("current") or 0
    return revision or (result["revs"][0][0] if result.get("revs") else 0)


class Found(NamedTuple):
    """What a restart found: the latest revision, and the last lines of the log by their numbers."""

    head: int
    lines: dict[int, list[Any]]
    lowest: int  # of the lines

    @staticmethod
    def by(restart: Restart) -> Found:
        lines = {line[0]: line for line in restart.log}
        return Found(restart.head, lines, min(lines, default=restart.head + 1))


class Model:
    def __init__(self, any_number: bool = False, retained: int = 0, clients: int = 0) -> None:
        self.any_number, self.retained, self.clients = any_number, retained, clients
        self._payloads: dict[int, tuple[dict[str, Any], str]] = {}

    def steps(self, state: State, kind: str, args: dict[str, Any], result: dict[str, Any] | None):
        """The states that it may leave: none, one, or where nobody can tell several. Without a result: those that it
        would leave, none if it would change nothing."""
        if result is not None and result.get("error") in REFUSALS:
            return (state,)
        if kind == "put":
            return self._put(state, args, result) if result in (None, {}) else ()
        if kind == "get":
            want = {"rev": state.head, "rgba": [state.content[i] for i in args["at"]]}
        elif kind == "peek":
            want = {"rgba": [state.content[i] for i in args["at"]]}
        elif kind == "log":
            want = {"revs": state.log(args["size"])}
        else:
            return tuple(self._write(state.seen(), kind, args, result))
        return (state.seen(),) if result in (None, want) else ()

    def step(self, state: State, kind: str, args: dict[str, Any], result: dict[str, Any] | None):
        """The first of `steps`, or None."""
        return next(iter(self.steps(state, kind, args, result)), None)

    @staticmethod
    def tells(kind: str) -> bool:
        """Whether the answer says if anything changed."""
        return kind != "put"

    def _put(self, state, args, result):
        content = self._painted(state, args)
        if state.jump or self.any_number:
            raise ValueError("nobody knows the number of a put after a gap")
        if content == state.content:  # of a revision of its own, or of the last one's
            return () if result is None else (state,)
        number, back = state.head + 1, state.seen()
        line = link(Line(number, state.head, args["tag"], content), state.line)
        prior = None if result is not None else link(back, state.prior)
        undo = link(Step(state.head, number, state.content), state.undo)
        alone = State(line, undo, None, state.requests, state.told, False, prior, back)
        base = state.base
        if base is None:
            return (alone,)
        if content == base.content:  # together they change nothing
            return alone, base
        line = link(Line(state.head, base.head, args["tag"], content), base.line)
        # Some of them may be unanswered; if any was, they are all on the disk.
        prior = None if result is not None or state.prior is None else link(base, base.prior)
        undo = link(Step(base.head, state.head, base.content), base.undo)
        return alone, State(line, undo, None, state.requests, state.told, False, prior, base)

    @staticmethod
    def _painted(state, args):
        content = list(state.content)
        for i in args["at"]:
            content[i] = args["rgba"]
        return tuple(content)

    @staticmethod
    def may_come_to(state: State, found: Found) -> bool:
        """False if no crash after `state`, however much later, can leave what was found. So it is if a revision that nothing
        takes back any more is another one than there, or if one above the head is on the disk."""
        node = state.line if state.base is None else state.line.rest
        # Also the one below: when that was put, it could still be taken back.
        for line in (node, node.rest if node else None):
            if line is not None and found.lowest <= line.value.revision <= found.head:
                if found.lines.get(line.value.revision) != list(line.value[:3]):
                    return False
        sure = state.base or state
        prior = sure.prior
        if sure.head <= found.head:
            return True
        while prior is not None:
            prior, sure = prior.rest, prior.value
        return sure.head <= found.head

    def restart(self, state: State, head: int, log: list[list[Any]]):
        """The states that a crash may leave where such a log is found."""
        node = link(state, state.prior)
        while node is not None:
            back = node.value
            if back.head == head and back.log(len(log)) == log:
                told = max(state.told, state.head)
                yield State(back.line, back.undo, back.redo, back.requests, told, jump=True)
            node = node.rest

    def _write(self, state, kind, args, result):
        payload = self._payload(kind, args) if args.get("id") else ""
        known = state.requests.find(args["id"]) if args.get("id") else None
        if known is not None:
            if known[0] != payload:
                return self._refused(state, result, {"error": "REQUEST_ID_REUSED"})
            return self._refused(state, result, {**known[1], "replayed": True})
        found = []
        for refusal in self._guards(state, args):
            if refusal is not None:
                found += self._refused(state, result, refusal)
            elif kind in ("set", "mset"):
                found += self._set(state, kind, args, payload, result)
            else:
                found += self._undo(state, kind == "undo", args, payload, result)
        return found

    def _payload(self, kind, args):
        """What a retry must ask for, too. Made once for each operation."""
        known = self._payloads.get(id(args))
        if known is None:
            payload = json.dumps({**args, "id": "", "kind": kind}, sort_keys=True)
            known = self._payloads[id(args)] = (args, payload)  # keeps the args, and so their id
        return known[1]

    @staticmethod
    def _refused(state, result, answer):
        """An answer that changes nothing."""
        return [state] if result == answer else []

    def _guards(self, state, args):
        """What the guards may say: refusals; None: go on."""
        expected = args.get("expected", 0)
        if expected and expected != state.head:
            return [{"error": "REVISION_MISMATCH", "current": state.head}]
        if not args.get("unchanged"):
            return [None]
        box, since = args["unchanged"]
        found = []
        surely, maybe = self._floors(state)
        if since < maybe:
            found.append({"error": "REVISION_DROPPED"})
        if since < surely:
            return found
        then = state.at(since)
        if then is None:
            found.append({"error": "REVISION_UNKNOWN"})
        elif any(then[i] != state.content[i] for i in box):
            found.append({"error": "BOX_CHANGED", "current": state.head})
        else:
            found.append(None)
        return found

    def _floors(self, state):
        """Revisions below the first are not retained, those from the second on are."""
        if not self.retained:
            return 0, 0
        # One more than are under way: a step that is done again is there until the next revision,
        # whatever it needs.
        return state.oldest(self.retained + self.clients + 1), state.oldest(self.retained)

    def _set(self, state, kind, args, payload, result):
        content = self._painted(state, args)
        if kind == "mset" and result is not None and "changed" in result:
            # It does not say which revision; that must be the next one, then.
            number = state.head + (content != state.content)
            result = {"rev": number, "replayed": False, **result}
        if content == state.content:
            return self._end(state, args, payload, result, content, state.undo, state.redo, {})
        number = self._number(state, result)
        if number is None:
            return []
        undo = link(Step(state.head, number, state.content), state.undo)
        return self._end(state, args, payload, result, content, undo, None, {})

    def _undo(self, state, back, args, payload, result):
        found = []
        for undo_left, redo in self._what_is_left(state):
            done = min(args["count"], undo_left if back else size(redo))
            undo_left += -done if back else done
            if result is not None and result.get("undo_left") != undo_left:
                continue
            source, target = (state.undo, redo) if back else (redo, state.undo)
            content = state.content
            for _ in range(done):
                target = link(source.value._replace(content=content), target)
                content, source = source.value.content, source.rest
            undo, redo = (source, target) if back else (target, source)
            more = {"done": done, "undo_left": undo_left, "redo_left": size(redo)}
            found += self._end(state, args, payload, result, content, undo, redo, more)
        return found

    def _what_is_left(self, state):
        """How many steps can be undone, and the steps that can be redone: each way that it may be."""
        if not self.retained:
            return [(size(state.undo), state.redo)]
        surely, maybe = self._floors(state)
        least, most, node = 0, 0, state.undo
        while node is not None and node.value.before >= surely:
            least += node.value.before >= maybe
            most += 1
            node = node.rest
        redos = [state.redo]
        if state.redo is not None and state.redo.value.after < maybe:
            # Without the next one, the rest is out of reach.
            redos = [None] if state.redo.value.after < surely else [state.redo, None]
        return [(count, redo) for redo in redos for count in range(least, most + 1)]

    def _end(self, state, args, payload, result, content, undo, redo, more):
        """The new revision, if there is one, its answer, and what a crash may take back."""
        changed = sum(a != b for a, b in zip(content, state.content))
        line, jump = state.line, state.jump
        if changed:
            number = self._number(state, result)
            if number is None:
                return []
            line = link(Line(number, state.head, args["tag"], content), state.line)
            jump = False
        answer = {"rev": line.value.revision, "changed": changed, "replayed": False, **more}
        if result is not None and result != answer:
            return []
        requests = state.requests
        if args.get("id"):
            requests = requests.plus(args["id"], payload, answer)
        kept = changed > 0 or bool(args.get("id")) or more.get("done", 0) > 0
        if not kept:
            return [state] if result is not None else []
        sure = result is not None and not args.get("relaxed")
        prior = None if sure else link(state, state.prior)
        return [State(line, undo, redo, requests, state.told, jump, prior)]

    def _number(self, state, result):
        """The new revision's number; None if the one in the answer cannot be."""
        if not state.jump and not self.any_number:
            return state.head + 1
        if result is None:
            raise ValueError("nobody knows the number of an unanswered edit after a gap")
        number = result.get("rev", 0)
        return number if number > max(state.told, state.head) else None
