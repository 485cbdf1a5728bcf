"""Is a history linearizable? The search of Wing and Gong with Lowe's memory.

    J. M. Wing and C. Gong, "Testing and Verifying Concurrent Objects", J. Parallel Distrib. Comput. 17 (1993);
    G. Lowe, "Testing for linearizability", Concurrency Comput. Pract. Exper. 29(4) (2017).

An operation may be put next if no operation still to be put had returned before it was called: that is real time, and it
comes from the clients' clock alone. The model says whether the answer fits there. Pairs of (operations put, state) that
were seen lead nowhere twice. Operations that leave the state as it is, and whose answers say so, are put as soon as they
fit, for doing so rules nothing out. Revision numbers in the answers make all but one of the edits that may come next
not fit, so a right history takes about linear time; nothing is taken from them that the model does not check.

Operations without an answer may be put or left out, and are over when their daemon is. Those that a crash met have as
many orders as permutations, so they are tried after those with an answer, and an order is given up where it shows that it
leads nowhere: above a revision that an answer still to be put tells as the latest one, or to another log than was found
after the crash.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from history import Epoch, Operation, Restart
from model import Found, Model, State, head_in


@dataclasses.dataclass
class Verdict:
    ok: bool
    operations: int
    tried: int  # operations put, again and again
    problem: str = ""  # where no order goes on


class _Event:
    """A call or a return in the list of what is still to be put, in the order of time."""

    __slots__ = ("time", "operation", "index", "back", "before", "after")

    def __init__(self, time: int, operation: Operation, index: int, back: _Event | None) -> None:
        self.time, self.operation, self.index = time, operation, index
        self.back = back  # of a call: its return; None if that is not in the list
        self.before: _Event | None = None
        self.after: _Event | None = None


def _take_out(event: _Event) -> None:
    event.before.after = event.after
    if event.after is not None:
        event.after.before = event.before


def _put_back(event: _Event) -> None:
    event.before.after = event
    if event.after is not None:
        event.after.before = event


class _Search:
    """All the states that an epoch may end in, found one by one."""

    def __init__(self, model: Model, operations: list[Operation], then: Restart | None) -> None:
        self.model, self.count = model, len(operations)
        self.then = Found.by(then) if then else None
        # The latest revision, as an operation's answer tells it, and which one that is: the lowest first.
        heads = ((head_in(o.result), i) for i, o in enumerate(operations))
        self.heads = sorted((head, i) for head, i in heads if head)
        self.answered = sum(o.result is not None for o in operations)
        self.tried = 0
        self.deepest: tuple[int, State | None, list[Operation]] = (-1, None, [])
        self.first = _Event(-1, operations[0] if operations else None, -1, None)  # type: ignore[arg-type]
        events = []
        for index, operation in enumerate(operations):
            back = None
            if operation.result is not None:
                assert operation.back is not None
                back = _Event(operation.back, operation, index, None)
                events.append((back.time, 1, index, back))
            # At equal times the call comes first: they may have overlapped.
            events.append(
                (operation.call, 0, index, _Event(operation.call, operation, index, back))
            )
        last = self.first
        for _, is_return, _, event in sorted(events, key=lambda e: e[:3]):
            event.before, last.after = last, event
            if is_return:
                event.index = -1
            last = event

    def ends(self, state: State) -> Iterator[State]:
        put, answered = 0, 0  # bits of the operations put; how many of them had answers
        heads_put = 0  # so many at the front of `heads`
        seen: set[tuple[int, int]] = set()
        yielded: set[int] = set()
        done: list[tuple[_Event, State, int, bool, bool]] = []
        event, silent = self.first.after, False  # what is tried next: first all with an answer
        while True:
            if answered == self.answered and state.key not in yielded:
                yielded.add(state.key)
                yield state
            if event is not None and event.index >= 0:
                operation = event.operation
                if silent is not (operation.result is None):
                    event = event.after
                    continue
                self.tried += 1
                ways = self.model.steps(state, operation.kind, operation.args, operation.result)
                bits = put | (1 << event.index)
                now_put = self._skip_put(heads_put, bits)
                # Puts that may still be taken back may have to be, by another one.
                over = silent and answered == self.answered and state.base is None
                most = self._most(now_put, over)
                fresh = (way for way in ways if (bits, way.key) not in seen)
                after = next((way for way in fresh if self._leads_on(way, most)), None)
                if after is not None:
                    seen.add((bits, after.key))
                    forced = after.key == state.key and self.model.tells(operation.kind)
                    done.append((event, state, heads_put, forced, len(ways) > 1))
                    put, state, heads_put = bits, after, now_put
                    answered += operation.result is not None
                    _take_out(event)
                    if event.back is not None:
                        _take_out(event.back)
                    event, silent = self.first.after, False
                else:
                    event = event.after
                continue
            # A return, or the end: nothing that may come next fits.
            if not silent:
                event, silent = self.first.after, True
                continue
            if len(done) > self.deepest[0]:
                self.deepest = (len(done), state, self._next_ones())
            while done:
                event, state, heads_put, forced, again = done.pop()
                if event.back is not None:
                    _put_back(event.back)
                _put_back(event)
                put &= ~(1 << event.index)
                silent = event.operation.result is None
                answered -= not silent
                if not forced:
                    break
            else:
                return
            if not again:  # there is no other way that it may have gone
                event = event.after

    def _skip_put(self, heads_put: int, bits: int) -> int:
        while heads_put < len(self.heads) and bits >> self.heads[heads_put][1] & 1:
            heads_put += 1
        return heads_put

    def _most(self, heads_put: int, over: bool) -> int | None:
        """The highest revision that the project may be at; None: any. `over`: all answers are put, and only what the restart
        found is still needed."""
        if heads_put < len(self.heads):
            return self.heads[heads_put][0]
        return self.then.head if self.then and over else None

    def _leads_on(self, state: State, most: int | None) -> bool:
        """False if an answer still to be put, or the restart after this life, cannot fit any more."""
        if most is not None and (state.base or state).head > most:
            return False
        return self.then is None or self.model.may_come_to(state, self.then)

    def _next_ones(self) -> list[Operation]:
        found, event = [], self.first.after
        while event is not None and event.index >= 0:
            found.append(event.operation)
            event = event.after
        return found


class _Life:
    """One life of the daemon: the states that the next one may begin with, found one by one."""

    def __init__(self, model: Model, start: State, epoch: Epoch, then: Epoch | None) -> None:
        self.search = _Search(model, epoch.operations, then.restart if then else None)
        self.refused: State | None = None  # a state that the restart after it does not go with
        self._model, self._start, self._then = model, start, then

    def ends(self) -> Iterator[State]:
        for state in self.search.ends(self._start):
            if self._then is None:
                yield state
                continue
            restart = self._then.restart
            assert restart is not None
            self.refused = state
            yield from self._model.restart(state, restart.head, restart.log)

    def problem(self, number: int) -> str:
        put, state, candidates = self.search.deepest
        restart = self._then.restart if self._then else None
        found = restart and f"revision {restart.head} was found, and {restart.log[:3]}"
        if self.refused is not None and found and not candidates:
            return f"life {number} of the daemon could have ended at revision {self.refused.head}; after it {found}"
        head = "nothing" if state is None else f"revision {state.head} with {_shown(state)}"
        lines = [
            f"life {number} of the daemon: {put} of {self.search.count} operations have an order; then the project "
            f"is at {head}, and none of these leads on{f' (after it {found})' if found else ''}:"
        ]
        return "\n  ".join(lines + [str(operation) for operation in candidates[:12]])


def _shown(state: State) -> str:
    return " ".join(f"{color:08x}" for color in state.content)


def check(model: Model, start: State, epochs: list[Epoch]) -> Verdict:
    """Whether some order of the operations explains all answers, and every restart."""
    total = sum(len(epoch.operations) for epoch in epochs)
    tried, problem, reached = 0, "", 0
    seen: set[tuple[int, int]] = set()
    # Depth first over the lives: each level goes through what its life may leave.
    levels: list[tuple[_Life, Iterator[State]]] = []

    def descend(state: State) -> None:
        index = len(levels)
        then = epochs[index + 1] if index + 1 < len(epochs) else None
        life = _Life(model, state, epochs[index], then)
        levels.append((life, life.ends()))

    descend(start)
    while levels:
        life, ends = levels[-1]
        state = next(ends, None)
        if state is None:
            tried += life.search.tried
            if len(levels) > reached:
                reached, problem = len(levels), life.problem(len(levels))
            levels.pop()
        elif len(levels) == len(epochs):
            return Verdict(True, total, tried + sum(l.search.tried for l, _ in levels))
        elif (len(levels), state.key) not in seen:
            seen.add((len(levels), state.key))
            descend(state)
    return Verdict(False, total, tried, problem)
