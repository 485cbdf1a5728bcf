"""Checkpoints, clones and backups of a project that others edit until its daemon is killed, and what must be there of
them when the daemon is back. `content_at` is what the project held at a revision, as the caller knows it.

Each keeper is a thread for one life of the daemon; its book goes through all of them.
"""

import base64
import random
import threading
import time

from daemon import RpcError

MOST_CHECKPOINTS = 30  # then some are deleted


class Keeper(threading.Thread):
    """Does one thing after the other until the daemon is gone."""

    def __init__(self, book, daemon, seed):
        super().__init__()
        self.book, self.daemon, self.chance, self.error = book, daemon, random.Random(seed), None

    def run(self):
        try:
            with self.daemon.connect() as rpc:
                while True:
                    self.step(rpc)
                    time.sleep(
                        self.chance.uniform(0, 0.12)
                    )  # or there would be more than can be looked at
        except RpcError as error:
            self.error = error
        except (OSError, ConnectionError, ValueError):
            pass  # the kill


class Checkpoints:
    """Names, with the revisions that they were answered with."""

    def __init__(self, project):
        self.project, self.made, self.deleted, self.number = project, 0, 0, 0
        self.sure = {}  # name -> revision
        self.contents = {}  # of those that were there after a kill: name -> content
        self.asked = None  # the name that an answer did not come for

    def keeper(self, daemon, seed):
        return Checkpointer(self, daemon, seed)

    def find(self, rpc):
        """What is there now; the revisions that must be known."""
        listed = rpc.call("history.list_checkpoints", {"project": self.project, "page_size": 1000})
        found = {c["checkpoint"]: int(c["revision"]) for c in listed.get("checkpoints", [])}
        if self.asked is not None:  # either way is right, and stays so
            self.sure.pop(self.asked, None)
            if self.asked in found:
                self.sure[self.asked] = found[self.asked]
            self.asked = None
        assert found == self.sure, (found, self.sure)
        self.contents = {name: c for name, c in self.contents.items() if name in found}
        return {r for name, r in found.items() if name not in self.contents}

    def check(self, test, _rpc, head, content_at):
        for name, revision in self.sure.items():
            test.assertLessEqual(revision, head, name)
            if name not in self.contents:
                self.contents[name] = content_at[revision]
        for name in random.sample(sorted(self.sure), min(4, len(self.sure))):
            content, _ = test.content(_rpc, self.project, self.sure[name])
            test.assertEqual(content, self.contents[name], f"checkpoint {name}")

    def __str__(self):
        return f"{self.made} checkpoints made and {self.deleted} deleted"


class Checkpointer(Keeper):
    def step(self, rpc):
        book = self.book
        names = sorted(book.sure)
        delete = len(names) > MOST_CHECKPOINTS or (names and self.chance.random() < 0.3)
        if delete:
            name = self.chance.choice(names)
        else:
            book.number += 1
            name = f"checkpoint{book.number}"
        book.asked = name
        method = "history.delete_checkpoint" if delete else "history.set_checkpoint"
        answer = rpc.call(method, {"project": book.project, "checkpoint": name})["checkpoint"]
        book.asked = None
        if delete:
            del book.sure[name]
            book.deleted += 1
        else:
            book.sure[name] = int(answer["revision"])
            book.made += 1


class Clones:
    def __init__(self, project):
        self.project, self.made, self.unanswered, self.of_lost, self.number = project, 0, 0, 0, 0
        self.answered = {}  # id -> the revision that it began as; since the last check
        self.asked = None

    def keeper(self, daemon, seed):
        return Cloner(self, daemon, seed)

    def find(self, rpc):
        page = rpc.call("project.list", {"page_size": 1000})
        found = {p["project"] for p in page["projects"]} - {self.project}
        if self.asked in found:  # nobody was told; but then it is whole
            project = rpc.call("project.get", {"project": self.asked})["project"]
            self.answered[self.asked] = int(project["forked_revision"])
            self.unanswered += 1
        self.asked = None
        assert found == set(self.answered), (found, self.answered)
        return set(self.answered.values())

    def check(self, test, rpc, head, content_at):
        for name, revision in self.answered.items():
            project = rpc.call("project.get", {"project": name})["project"]
            test.assertEqual(int(project["forked_revision"]), revision)
            content, _ = test.content(rpc, name)
            if revision <= head:
                test.assertEqual(content, content_at[revision], f"{name}, of {revision}")
            else:  # of a relaxed edit that was lost: nobody knows it but the clone
                self.of_lost += 1
            rpc.call("voxel.set", {"project": name, "voxels": {"xyz": [0, 0, 0], "color": "#fff"}})
            rpc.call("project.delete", {"project": name})
        self.answered = {}

    def __str__(self):
        return (
            f"{self.made} clones, {self.unanswered} without an answer that were there, "
            f"{self.of_lost} of an edit that was lost"
        )


class Cloner(Keeper):
    def step(self, rpc):
        book = self.book
        book.number += 1
        name = f"clone{book.number}"
        book.asked = name
        answer = rpc.call("project.clone", {"project": book.project, "target": name})["project"]
        book.asked = None
        book.answered[name] = int(answer["forked_revision"])
        book.made += 1


class Backups:
    def __init__(self, project):
        self.project, self.ended, self.cut_off = project, 0, 0
        self.files = []  # since the last check: (bytes, last revision)
        self.under_way = False

    def keeper(self, daemon, seed):
        return Saver(self, daemon, seed)

    def find(self, _rpc):
        self.cut_off += self.under_way
        self.under_way = False
        return {revision for _, revision in self.files}

    def check(self, test, rpc, head, content_at):
        """Each is a beginning of the history, and a project of its own."""
        for data, last in self.files:
            test.assertLessEqual(last, head)
            encoded = base64.b64encode(data).decode()
            parts = [{"header": {"project": "copy"}}, {"data": encoded, "last_part": True}]
            made = rpc.call("admin.restore", parts)
            test.assertEqual(int(made["revision"]), last)
            test.assertEqual(test.content(rpc, "copy"), (content_at[last], last))
            test.check_history(rpc, "copy", last)
            rpc.call("project.delete", {"project": "copy"})
        self.files = []

    def __str__(self):
        return f"{self.ended} backups, {self.cut_off} cut off"


class Saver(Keeper):
    def step(self, rpc):
        book = self.book
        book.under_way = True
        data, part = b"", {}
        for part in rpc.stream("admin.backup", {"project": book.project}):
            data += base64.b64decode(part["data"])
        book.under_way = False
        assert part["last_part"] and int(part["bytes"]) == len(data), part
        book.files.append((data, int(part["revision"])))
        book.ended += 1
