"""More calls than can be answered, by the clock, over every door; and watchers of what they do to a project."""

import collections
import itertools
import selectors
import threading
import time

import mixed_load
from daemon import RpcError

# Doors, and how many connections each has.
CONVERSATIONS = {
    "jsonrpc": (mixed_load.JsonConversation, 16),
    "resp": (mixed_load.RespConversation, 16),
    "http": (mixed_load.HttpConversation, 16),
    "mcp": (mixed_load.McpConversation, 16),
}
CHANNELS = 8
DOORS = (*CONVERSATIONS, "grpc")
PATIENCE = 60  # s without any answer, at the end


class Flood:
    """Asks for `times` as many calls as can be made, and counts what comes back. `able`: how many a second that are,
    as far as was found before."""

    def __init__(self, daemon, kinds, able, times):
        self.kinds, self.able, self.times, self.rng = kinds, able, times, mixed_load.seeded(1)
        self.seconds = 0
        self.asked, self.wrong, self.revisions = 0, [], []
        self.given, self.refused = collections.Counter(), collections.Counter()  # by door and kind
        self.selector = selectors.DefaultSelector()
        self.peers = {door: collections.deque() for door in DOORS}  # the next to be asked first
        for door, (make, count) in CONVERSATIONS.items():
            for _ in range(count):
                peer = make(daemon.socket)
                self.selector.register(peer.socket, selectors.EVENT_READ, (door, peer))
                self.peers[door].append(peer)
        self.peers["grpc"].extend(mixed_load.GrpcConversation(daemon) for _ in range(CHANNELS))
        self.doors = collections.deque(DOORS)

    def run(self, seconds):
        """For so long; then takes what is still to come. `able` is what it could do on average meanwhile."""
        begin = now = second = time.monotonic()
        due, before, best = 0.0, 0, self.able
        while now < begin + seconds:
            while self.asked < due and self.ask():
                pass
            due = min(due, self.asked)  # what no connection took is not asked for later
            self.take(0.002)
            due += (time.monotonic() - now) * self.times * best
            now = time.monotonic()
            if now > second + 1:
                heavy = self.heavy_given()
                best = max(best, self.could_be(heavy - before, now - second))
                second, before = now, heavy
                # And what it was able to do before `best` told is made up for.
                due = max(due, self.times * self.could_be(heavy, 1))
        self.seconds = now - begin
        self.able = self.could_be(self.heavy_given(), self.seconds)
        last = now
        while self.under_way() > 0 and time.monotonic() < last + PATIENCE:
            if self.take(1) > 0:
                last = time.monotonic()
        for peer in self.everybody():
            peer.close()

    def could_be(self, heavy, seconds):
        """Calls of all kinds a second, if it gave so many heavy ones: of what costs most it gives what it can."""
        weights = [kind.weight for kind in self.kinds if kind.heavy]
        return heavy / seconds * sum(kind.weight for kind in self.kinds) / sum(weights)

    def everybody(self):
        return itertools.chain.from_iterable(self.peers.values())

    def heavy_given(self):
        return sum(count for (_, kind), count in self.given.items() if kind.heavy)

    def ask(self):
        """One more, over the next door, on the next connection of it that has room; whether one has."""
        kind = mixed_load.pick(self.rng, self.kinds)
        params = kind.params(self.rng)
        for _ in DOORS:
            self.doors.rotate(-1)
            peers = self.peers[self.doors[-1]]
            for _ in range(len(peers)):
                peers.rotate(-1)
                if peers[-1].may_ask(kind) and peers[-1].send(kind, params):
                    self.asked += 1
                    return True
        return False

    def take(self, timeout):
        """What has come; how many answers that were."""
        ready = self.selector.select(timeout)
        count = 0
        channels = (("grpc", channel) for channel in self.peers["grpc"])
        for door, peer in itertools.chain((key.data for key, _ in ready), channels):
            for answer in peer.receive():
                self.count(door, answer)
                count += 1
        for peer in self.everybody():
            peer.flush()  # what a full socket has left of the last request
        return count

    def count(self, door, answer):
        if not answer.is_meant():
            self.wrong.append((door, answer.kind.name, answer.reason, answer.text))
        counter = self.refused if answer.reason == "OVERLOADED" else self.given
        counter[door, answer.kind] += 1
        if answer.revision:
            self.revisions.append(answer.revision)

    def under_way(self):
        return sum(len(peer.asked) + peer.open_streams for peer in self.everybody())

    def table(self):
        """What each door was asked of each kind: given and refused."""
        lines = []
        for kind in self.kinds:
            cells = [
                f"{door} {self.given[door, kind]}/{self.refused[door, kind]}"
                for door in DOORS
                if self.given[door, kind] + self.refused[door, kind]
            ]
            lines.append(f"  {kind.name:10} given/refused: {', '.join(cells)}")
        return "\n".join(lines)

    def check(self, times):
        """That all were answered as they should be, and that it was an overload of every door: `times` what could be
        done was asked for."""
        assert self.asked >= times * self.able * self.seconds, (
            f"{self.asked} calls were asked for, not {times} times {self.able:.0f} in each of"
            f" {self.seconds:.0f} s: the flood has too few connections, or is too slow itself"
        )
        assert not self.wrong, self.wrong[:3]
        assert self.under_way() == 0, f"{self.under_way()} answers are missing"
        assert sum((self.given + self.refused).values()) == self.asked
        given = self.heavy_given()
        refused = sum(count for (_, kind), count in self.refused.items() if kind.heavy)
        assert refused > given, f"{refused} heavy calls refused, {given} not: that was no overload"
        for door in DOORS:
            assert any(
                asked == door for asked, _ in self.refused
            ), f"nothing was refused over {door}"
        for kind in self.kinds:
            assert sum(self.given[door, kind] for door in DOORS), kind.name
        assert len(set(self.revisions)) == len(self.revisions), "two edits made the same revision"


class Follower:
    """Watches a project: each revision names the one before, unless it was dropped before it was told."""

    def __init__(self, daemon, project):
        self.daemon, self.project, self.seen, self.gaps = daemon, project, set(), []
        self.position, self.last, self.failure = 1, None, None
        self.ending = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        try:
            while not self.ending.is_set():
                self.follow()
        except Exception as failure:  # whatever it is, it must not happen
            self.failure = failure

    def follow(self):
        request = {"project": self.project, "after_revision": self.position, "progress_ms": 200}
        try:
            with self.daemon.connect(timeout=120) as rpc:
                for item in rpc.stream("history.watch", request):
                    if not item.get("progress"):
                        assert item["previous_revision"] == self.position, (self.position, item)
                        self.position = item["revision"]
                        self.seen.add(self.position)
                    if self.ending.is_set() and self.position >= self.last:
                        return
        except RpcError as error:
            if error.reason == "REVISION_DROPPED":
                oldest = int(error.data["metadata"]["oldest_revision"])
                self.gaps.append(range(self.position + 1, oldest + 1))
                self.position = oldest
            elif error.reason not in ("WATCH_TOO_SLOW", "OVERLOADED"):
                raise

    def check(self, revisions, last):
        """That it saw all of these, up to `last`, but for gaps."""
        self.last = last
        self.ending.set()
        self.thread.join(120)
        assert self.failure is None, self.failure
        assert not self.thread.is_alive() and self.position >= last, (self.position, last)
        missed = [
            r for r in revisions if r not in self.seen and not any(r in gap for gap in self.gaps)
        ]
        assert not missed, f"watchers were not told of {missed[:5]}"
        assert (
            len(self.seen) > len(revisions) / 2
        ), f"{len(self.seen)} of {len(revisions)} were told"
