"""Measures what bench/store.sh lists: a real daemon with a data directory on a real disk, loaded by
store_load, beside what the disk and SQLite do by themselves in the same minutes.

    store.py DIR

The peer and ours take turns, round by round; a ratio is the median of the rounds' ratios, every
other figure the median of the rounds.
"""

import contextlib
import json
import os
import pathlib
import shutil
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "tests" / part) for part in ("support", "soak")]

import commit_seam  # noqa: E402
import daemon as support  # noqa: E402
import numpy as np  # noqa: E402
import table  # noqa: E402
import targets  # noqa: E402
import voxeld  # noqa: E402
from table import Figure  # noqa: E402

LOAD = support.BUILD / "bench" / "store_load"
ROUNDS = 5
LONE_ROUNDS = 9  # shorter ones: the disk has other rates from one second to the next
CLIENTS_CPU = 0  # the daemon's clients stay on that processor, where it does not say otherwise
CLIENTS = 64
IN_FLIGHT = 16  # requests of each connection, where they are pipelined
RELAXED_EDITS = 300  # one after the other
UNFOLDED = 100_000
IDLE_PROJECTS = 10_000
# Nothing is folded, so that a file holds every revision.
KEEP_ALL = ("--retained-revisions=10000000", f"--retained-bytes={1 << 40}")
IN_MEMORY = ("tmpfs", "ramfs", "zram", "hugetlbfs")


def file_system_of(folder):
    """The type and the device of the file system that a folder is on."""
    best = ("", "unknown", "unknown")
    for line in pathlib.Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines():
        left, right = line.split(" - ")
        place, (kind, device) = left.split()[4], right.split()[:2]
        inside = place == "/" or f"{folder}/".startswith(f"{place}/")
        if inside and len(place) >= len(best[0]):
            best = (place, kind, device)
    return best[1:]


class Load:
    """One run of store_load; on one processor if `cpu` says which."""

    def __init__(self, mode, cpu=None, **arguments):
        self.command = [str(LOAD), mode, *(f"{name}={value}" for name, value in arguments.items())]
        with commit_seam.on_cpu(cpu, cpu is not None):
            self.process = subprocess.Popen(
                self.command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
            )

    def result(self):
        out, err = self.process.communicate()
        status = self.process.returncode
        if status != 0:
            raise SystemExit(f"{' '.join(self.command)} ended with {status}:\n{err}")
        return json.loads(out)


def load(mode, **arguments):
    return Load(mode, **arguments).result()


class Kept:
    """A daemon that keeps its projects in a folder of its own."""

    def __init__(self, place, *flags):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="data-", dir=place))
        self.flags = flags
        self.edits = 0  # so many were sent
        self.daemon = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        if self.daemon is not None:
            self.daemon.close()
        shutil.rmtree(self.dir, ignore_errors=True)

    def start(self):
        self.daemon = support.Daemon(f"--data-dir={self.dir}", *self.flags)

    def stop(self, sig=signal.SIGTERM):
        self.daemon.stop(sig)
        self.daemon.close()
        self.daemon = None

    def create(self, project="p"):
        with self.daemon.connect() as rpc:
            rpc.call("project.create", {"project": project})

    def file(self, project="p"):
        (found,) = (self.dir / "projects").glob(f"{project}.*.voxels")
        return found

    def start_load(self, project="p", cpu=CLIENTS_CPU, **arguments):
        """Edits that no earlier run made; the next one only after `ended`."""
        return Load(
            "socket",
            cpu,
            socket=self.daemon.socket,
            project=project,
            first=self.edits,
            **arguments,
        )

    def ended(self, load):
        result = load.result()
        self.edits += result["edits"]["count"]
        return result

    def load(self, project="p", **arguments):
        return self.ended(self.start_load(project, **arguments))


def median(rounds, of):
    return statistics.median(of(each) for each in rounds)


def one_client(place):
    """A lone client beside the loop, round by round, placed alike: the client, the daemon and the loop on one
    processor, where nobody waits for one that sleeps to wake up, which is what is promised; then all three where the
    system puts them, where the same is aimed at.
    """
    for together in (True, False):
        with commit_seam.on_cpu(CLIENTS_CPU, together):
            where = "on one processor" if together else "on all processors"
            yield from lone_edits(place, where, aim=not together)


def lone_edits(place, where, aim):
    with Kept(place) as kept:
        kept.create()
        kept.load(cpu=None, writers=1, seconds=0.3)
        rounds = []
        for _ in range(LONE_ROUNDS):
            sync = load("fsync", dir=kept.dir, seconds=0.3)["commits"]
            bare = load("sqlite", dir=kept.dir, file=kept.file(), seconds=0.6)["commits"]
            echo = load("echo", seconds=0.2)["echoes"]
            ours = kept.load(cpu=None, writers=1, seconds=0.6)["edits"]
            ids = kept.load(cpu=None, writers=1, seconds=0.3, ids=1)["edits"]
            rounds.append((sync, bare, ours, ids, echo))
    yield Figure(
        f"fsyncs of 4 KiB that the disk does, {where}",
        median(rounds, lambda r: r[0]["per_second"]),
        "/s",
        beside=f"p50 {median(rounds, lambda r: r[0]['p50_us']):.0f} us",
    )
    yield Figure(
        f"bare SQLite loop, one revision a commit, {where}",
        median(rounds, lambda r: r[1]["per_second"]),
        "/s",
        beside=f"p50 {median(rounds, lambda r: r[1]['p50_us']):.0f} us",
    )
    # What the socket alone leaves of it: who is asked over one cannot be faster.
    yield Figure(
        f"that loop behind a bare echo over a socket, over that loop, {where}",
        median(rounds, lambda r: r[4]["per_second"] / (r[4]["per_second"] + r[1]["per_second"])),
        "x",
        beside=f"p50 of an echo {median(rounds, lambda r: r[4]['p50_us']):.1f} us",
    )
    yield Figure(
        f"durable one-voxel edits, one client, over that loop, {where}",
        median(rounds, lambda r: r[2]["per_second"] / r[1]["per_second"]),
        "x",
        0.8,
        least=True,
        aim=aim,
        beside=f"{median(rounds, lambda r: r[2]['per_second']):.0f}/s; "
        f"with request ids {median(rounds, lambda r: r[3]['per_second']):.0f}/s",
    )
    yield Figure(
        f"latency of one beyond that loop's, p50, {where}",
        median(rounds, lambda r: r[2]["p50_us"] - r[1]["p50_us"]),
        "us",
        100,
        aim=aim,
        beside=f"p50 {median(rounds, lambda r: r[2]['p50_us']):.0f} us, "
        f"p99 {median(rounds, lambda r: r[2]['p99_us']):.0f} us",
    )


def many_clients(place):
    with Kept(place) as kept:
        kept.create()
        kept.load(writers=CLIENTS, seconds=0.5)
        rounds = []
        for _ in range(ROUNDS):
            bare = load("sqlite", dir=kept.dir, file=kept.file(), seconds=0.5, group=CLIENTS)
            before = kept.daemon.cpu_seconds()
            ours = kept.load(writers=CLIENTS, seconds=1.5)
            spent = kept.daemon.cpu_seconds() - before
            rounds.append((bare["commits"], ours["edits"], spent, ours["cpu_seconds"]))
    yield Figure(
        f"durable one-voxel edits, {CLIENTS} clients on one project",
        median(rounds, lambda r: r[1]["per_second"]),
        "/s",
        10_000,
        least=True,
        beside=f"p50 {median(rounds, lambda r: r[1]['p50_us']) / 1e3:.2f} ms, "
        f"p99 {median(rounds, lambda r: r[1]['p99_us']) / 1e3:.2f} ms; {cost(rounds)}; "
        f"bare loop, {CLIENTS} a commit: {median(rounds, lambda r: CLIENTS * r[0]['per_second']):.0f}/s",
    )


def cost(rounds):
    """Processor time an edit, of the last figures of each round: count, daemon, clients."""

    def us(of):
        return 1e6 * median(rounds, of)

    return (
        f"{us(lambda r: r[-2] / r[-3]['count']):.1f} us of the daemon's processor time each, "
        f"{us(lambda r: r[-1] / r[-3]['count']):.1f} of the clients'"
    )


def relaxed(place):
    for name, connections, in_flight, bound in (
        (
            f"relaxed one-voxel edits, {CLIENTS} clients, {IN_FLIGHT} in flight",
            CLIENTS,
            IN_FLIGHT,
            1e5,
        ),
        (f"relaxed one-voxel edits, {CLIENTS} clients, one in flight", CLIENTS, 1, None),
        ("relaxed one-voxel edits, one client, 256 in flight", 1, 256, None),
    ):
        with Kept(place) as kept:
            kept.create()
            rounds = []
            for _ in range(3):
                before = kept.daemon.cpu_seconds()
                done = kept.load(writers=connections, in_flight=in_flight, relaxed=1, seconds=1)
                spent = kept.daemon.cpu_seconds() - before
                rounds.append((done["edits"], spent, done["cpu_seconds"], done["refused"]))
        refused = sum(r[3] for r in rounds)
        yield Figure(
            name,
            median(rounds, lambda r: r[0]["per_second"]),
            "/s",
            bound,
            least=True,
            beside=cost([r[:3] for r in rounds]) + (f"; {refused} refused" if refused else ""),
        )


def relaxed_until_durable(place):
    """From asking for a relaxed edit until it is told to a watch, which tells durable revisions only: one client, first
    alone, then while another one sends such edits without a pause. Everything on one processor.
    """
    with commit_seam.on_cpu(CLIENTS_CPU, True), Kept(place) as kept:
        kept.create()
        sync = load("fsync", dir=kept.dir, seconds=1)["commits"]
        kept.load(cpu=None, writers=1, relaxed=1, seconds=0.3)
        for name, company in (("one client", False), ("beside another's", True)):
            others = kept.start_load(writers=1, relaxed=1, seconds=12) if company else None
            ms = [1e3 * seconds for seconds in watched_edits(kept, RELAXED_EDITS)]
            beside = f"p50 {statistics.median(ms):.1f} ms, at most {max(ms):.1f} ms; "
            if others is not None:
                beside += f"{kept.ended(others)['edits']['per_second']:.0f}/s of those; "
            yield Figure(
                f"relaxed edit until a watch tells it, p99, {name}",
                statistics.quantiles(ms, n=100)[98],
                "ms",
                50,
                beside=f"{beside}the disk's fsync p50 {sync['p50_us'] / 1e3:.1f} ms, "
                f"p99 {sync['p99_us'] / 1e3:.1f} ms",
            )


def watched_edits(kept, count):
    """The seconds of each."""
    with kept.daemon.connect() as writer, kept.daemon.connect() as watcher:
        head = writer.call("project.get", {"project": "p"})["project"]["revision"]
        watch = watcher.stream("history.watch", {"project": "p", "after_revision": head})
        times = []
        for n in range(count):
            time.sleep(0.001 * (n % 7))  # not always at the same time of others' edits
            voxels = {"xyz": [n % 50, 1, 1 << 20], "rgba": [n << 8 | 255]}
            write = {"durability": "DURABILITY_RELAXED"}
            request = {"project": "p", "voxels": voxels, "write": write}
            begin = time.perf_counter()
            revision = writer.call("voxel.set", request)["change"]["revision"]
            while next(watch)["revision"] < revision:
                continue
            times.append(time.perf_counter() - begin)
        return times


def reads(place):
    """The daemon stays on one processor and its clients on another, whether somebody writes or not; then with the
    reader on the daemon's, where a read takes no wake-up, and waits for all that the daemon does for the writer.
    """
    with commit_seam.on_cpu(-1, True):
        kept = Kept(place)
        kept.start()
    with contextlib.closing(kept):
        kept.create()
        kept.load(writers=1, seconds=0.3)
        apart, beside = [], []
        for _ in range(ROUNDS):
            for rounds, cpu in ((apart, CLIENTS_CPU), (beside, -1)):
                idle, _ = read(kept, cpu)
                busy, edits = read(kept, cpu, writers=1)
                crowd, _ = read(kept, cpu, writers=CLIENTS)
                rounds.append((idle, busy, crowd, edits))
    yield reads_over_idle("voxel.get p99 while a writer commits, over idle", apart, 1, bound=2)
    yield reads_over_idle(f"  while {CLIENTS} writers do", apart, 2)
    yield reads_over_idle(
        "  while a writer commits, the reader on the daemon's processor", beside, 1
    )
    yield reads_over_idle(f"  while {CLIENTS} writers do, the reader there", beside, 2)


def read(kept, cpu, writers=0):
    """What one reader and so many writers got done meanwhile."""
    writes = kept.start_load(writers=writers, seconds=1) if writers > 0 else None
    time.sleep(0.1)  # until they all write
    arguments = {"socket": kept.daemon.socket, "project": "p", "readers": 1, "seconds": 0.8}
    done = Load("socket", cpu, **arguments).result()["reads"]
    return done, kept.ended(writes)["edits"] if writes is not None else None


def reads_over_idle(name, rounds, at, bound=None):
    beside = (
        f"{median(rounds, lambda r: r[at]['p99_us']):.0f} us over "
        f"{median(rounds, lambda r: r[0]['p99_us']):.0f} us; "
        f"p50 {median(rounds, lambda r: r[at]['p50_us']):.0f} over "
        f"{median(rounds, lambda r: r[0]['p50_us']):.0f} us"
    )
    if at == 1:
        beside += f"; {median(rounds, lambda r: r[3]['per_second']):.0f} commits/s"
    return Figure(
        name,
        median(rounds, lambda r: r[at]["p99_us"] / r[0]["p99_us"]),
        "x",
        bound,
        beside=beside,
    )


def folding(place):
    """One daemon folds all the time, the other one never: they take turns."""
    with Kept(place, "--retained-revisions=500") as folds, Kept(place, *KEEP_ALL) as keeps:
        rounds = []
        for kept in (folds, keeps):
            kept.create()
            kept.load(writers=CLIENTS, seconds=0.5)
        for _ in range(ROUNDS):
            rounds.append(
                tuple(
                    kept.load(writers=writers, seconds=1)["edits"]
                    for writers in (1, CLIENTS)
                    for kept in (folds, keeps)
                )
            )
        sizes = [kept.file().stat().st_size / kept.edits for kept in (folds, keeps)]
    for name, at in (("one client", 0), (f"{CLIENTS} clients", 2)):
        yield Figure(
            f"p99 of a durable edit while old ones are folded, {name}",
            median(rounds, lambda r, at=at: r[at]["p99_us"]),
            "us",
            beside=f"without folding {median(rounds, lambda r, at=at: r[at + 1]['p99_us']):.0f} us; "
            f"p50 {median(rounds, lambda r, at=at: r[at]['p50_us']):.0f}, without "
            f"{median(rounds, lambda r, at=at: r[at + 1]['p50_us']):.0f} us",
        )
    yield Figure(
        "bytes an edit of a file that is folded",
        sizes[0],
        "B",
        beside=f"of one that is not: {sizes[1]:.0f} B",
    )


def make_landscape(client, project):
    """Some 2.6 M voxels on 1024^2, where terrain1024.vox is not at hand."""
    x, y = np.meshgrid(np.arange(1024), np.arange(1024))
    height = (
        60 + 26 * np.sin(x * 0.035) * np.cos(y * 0.03) + 9 * np.sin(x * 0.11 + y * 0.07)
    ).astype(int)
    z = np.arange(128)[:, None, None]
    client.create_project(project)
    for at in range(0, 1024, 64):
        top = height[at : at + 64]
        inside = (z <= top) & (z > top - 3)
        color = 0x77777700 + ((x[at : at + 64] ^ y[at : at + 64]) & 15) * 0x04040400 | 255
        client.write(project, (0, at, 0), np.where(inside, color, 0).astype(np.uint32))


def fill(kept, project="p"):
    """The project of 2.6 M voxels; returns their number, where they come from, and a layer."""
    with voxeld.Client(str(kept.daemon.socket), timeout=300) as client:
        if targets.TERRAIN.exists():
            client.import_file(project, targets.TERRAIN)
        else:
            make_landscape(client, project)
        name = targets.TERRAIN.name if targets.TERRAIN.exists() else "a generated landscape"
        layer = client.list_layers(project)[0].layer
        return client.get_project(project).voxels, name, layer


def first_answer(kept):
    """Seconds from the start of the daemon to the answer of a first voxel.get."""

    def start_and_ask():
        kept.start()
        with kept.daemon.connect(timeout=300) as rpc:
            rpc.call("voxel.get", {"project": "p", "xyz": [1, 2, 3]})

    return targets.timed(start_and_ask)


def sizes_and_reopening(place):
    with Kept(place, *KEEP_ALL) as kept:
        voxels, name, layer = fill(kept)
        kept.stop()
        size = kept.file().stat().st_size
        yield Figure(
            f"bytes on disk a voxel of {name}", size / voxels, "B", 1.2, beside=f"{voxels} voxels"
        )
        kept.start()
        made = {"layer": layer, "side": 128}
        kept.load(writers=CLIENTS, in_flight=IN_FLIGHT, relaxed=1, edits=UNFOLDED - 1, **made)
        kept.load(writers=1, edits=1, **made)  # durable, and with it all before it
        kept.stop(signal.SIGKILL)
        crashed = pathlib.Path(f"{kept.dir}.crashed")
        shutil.copytree(kept.dir, crashed)
        default, every = [], []
        for times, flags in ((default, ()), (every, KEEP_ALL)) * 3:
            shutil.rmtree(kept.dir)
            shutil.copytree(crashed, kept.dir)
            kept.flags = flags
            times.append(first_answer(kept))
            kept.stop(signal.SIGKILL)
        shutil.rmtree(crashed)
        yield Figure(
            f"reopening {voxels / 1e6:.1f} M voxels, {UNFOLDED:,} revisions, after kill -9",
            statistics.median(default),
            "s",
            1,
            beside=f"keeping every revision in memory: {statistics.median(every):.2f} s; page cache warm",
        )
    with Kept(place, *KEEP_ALL) as kept:
        figures = {}
        for ids in (0, 1):
            kept.create(f"p{ids}")
            kept.stop()
            before = kept.file(f"p{ids}").stat().st_size
            kept.start()
            kept.load(f"p{ids}", writers=CLIENTS, edits=20_000, ids=ids)
            kept.stop()
            figures[ids] = (kept.file(f"p{ids}").stat().st_size - before) / 20_000
            kept.start()
        yield Figure(
            "bytes on disk a one-voxel revision, before folding",
            figures[0],
            "B",
            300,
            beside=f"with a request id and its answer: {figures[1]:.0f} B",
        )


def idle_projects(place):
    with Kept(place, "--max-projects=20000") as kept:
        kept.create("p0")
        kept.stop()
        file = kept.file("p0")
        for i in range(1, IDLE_PROJECTS):
            os.link(file, file.with_name(f"p{i}.{i:032x}.voxels"))
        times = []
        for _ in range(ROUNDS):
            times.append(targets.timed(kept.start))
            with kept.daemon.connect() as rpc:
                assert rpc.call("admin.info")["projects"] == IDLE_PROJECTS
            kept.stop()
    with support.Daemon(start=False) as empty:
        alone = targets.timed(empty.start)
    yield Figure(
        f"start with {IDLE_PROJECTS:,} idle projects, until it serves",
        statistics.median(times),
        "s",
        0.3,
        beside=f"without a data directory {alone:.3f} s",
    )


def town(place):
    with Kept(place) as kept, support.Daemon() as memory:
        rounds = [
            (
                targets.build_town(memory, f"town{n}"),
                targets.build_town(kept.daemon, f"town{n}"),
            )
            for n in range(LONE_ROUNDS)
        ]
        kept.stop()
        size = kept.file("town0").stat().st_size
    yield Figure(
        "town of 20,000 primitives on disk, over in memory",
        median(rounds, lambda r: r[1] / r[0]),
        "x",
        1.3,
        beside=f"{median(rounds, lambda r: r[1]):.2f} s over {median(rounds, lambda r: r[0]):.2f} s; "
        f"{size / 1e6:.1f} MB",
    )


def measure(place):
    for part in (
        one_client,
        many_clients,
        relaxed,
        relaxed_until_durable,
        reads,
        folding,
        sizes_and_reopening,
        idle_projects,
        town,
    ):
        yield from part(place)


def main(folder):
    folder = pathlib.Path(folder).resolve()
    kind, device = file_system_of(folder)
    if kind in IN_MEMORY:
        print(
            f"bench store: {folder} is on {kind}, in memory; give a folder on a disk",
            file=sys.stderr,
        )
        return 2
    cpus = sorted(os.sched_getaffinity(0))
    print(
        f"store on {device} ({kind}), {folder}; {len(cpus)} processors: the daemon's clients on "
        f"number {cpus[0]}, the daemon and the bare loops on all, where it does not say otherwise; "
        f"while reads are measured the daemon on number {cpus[-1]}",
        flush=True,
    )
    with contextlib.ExitStack() as stack:
        place = stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-store-", dir=folder))
        start = time.monotonic()
        status = table.report("store", measure(place))
        print(f"{time.monotonic() - start:.0f} s")
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
