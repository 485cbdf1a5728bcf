"""A real daemon is linearizable: recorded histories over all doors, across kill -9, while commits fail, and while old
revisions are folded and projects leave memory and come back; and of a recorded history one answer changed is found.
"""

import copy
import os
import pathlib
import random
import tempfile
import unittest

from check import check_entries, describe
from history import Operation, save
from record import CLIENTS, record

SECONDS = float(os.environ.get("VOXELD_LINEARIZABILITY_SECONDS", "8"))
KEPT = pathlib.Path(os.environ.get("VOXELD_KEPT", tempfile.gettempdir())) / "not-linearizable.jsonl"


class RecordedTest(unittest.TestCase):
    def check(self, entries, **options):
        verdicts = check_entries(entries, **options)
        tried = sum(verdict.tried for verdict in verdicts.values())
        print(f"{describe(entries)}; {tried} steps", flush=True)
        for project, verdict in verdicts.items():
            if not verdict.ok:
                save(KEPT, entries)
                self.fail(f"{project} is not linearizable (see {KEPT}): {verdict.problem}")

    @staticmethod
    def reads(entries):
        return [i for i, e in enumerate(entries) if getattr(e, "kind", "") == "get" and e.result]

    def refuse_wrong_read(self, entries, reads):
        wrong = copy.deepcopy(entries)
        wrong[random.choice(reads)].result["rgba"][0] ^= 0x00777700
        self.assertFalse(all(v.ok for v in check_entries(wrong).values()))

    def test_across_restarts(self):
        entries = record(SECONDS, 4, CLIENTS, seed=random.randrange(1 << 30)).entries
        self.check(entries)
        self.assertGreater(len(entries), 500)

    def test_while_projects_are_folded_and_given_up(self):
        seed = random.randrange(1 << 30)
        recording = record(SECONDS, 4, CLIENTS, folding=True, seed=seed)
        self.check(recording.entries, folding=True)
        upkeep = recording.upkeep
        print(f"{upkeep.given_up} times given up; lives with folding: {upkeep.folded}", flush=True)
        self.assertGreater(len(recording.entries), 500)
        self.assertGreater(upkeep.given_up, 20)
        for project in recording.projects:
            self.assertGreater(upkeep.folded.get(project, 0), 0)

    def test_while_commits_fail(self):
        seed = random.randrange(1 << 30)
        entries = record(SECONDS / 2, 0, CLIENTS, failing=True, seed=seed).entries
        self.check(entries, any_number=True)
        failed = sum(
            isinstance(e, Operation) and e.result == {"error": "COMMIT_FAILED"} for e in entries
        )
        self.assertGreater(failed, 10)

    def test_a_wrong_copy_is_refused(self):
        """One answer of a read, and the order of two answers in time, changed."""
        entries = record(min(SECONDS, 2), 1, CLIENTS, seed=random.randrange(1 << 30)).entries
        self.check(entries)
        self.assertGreater(len(entries), 500)
        reads = self.reads(entries)
        # Every order of what is before a wrong answer is tried, and after a kill there are very
        # many: in the long history it is one of the first, in a short one any.
        self.refuse_wrong_read(entries, sorted(reads, key=lambda i: entries[i].back)[:300])
        short = record(min(SECONDS, 0.4), 1, CLIENTS, seed=random.randrange(1 << 30)).entries
        self.refuse_wrong_read(short, self.reads(short))
        # A read of the end of the recording, as if it had been answered at its beginning.
        wrong = copy.deepcopy(entries)
        late = max((wrong[i] for i in reads), key=lambda e: e.call)
        early = min((e for e in wrong if isinstance(e, Operation)), key=lambda e: e.back or 1 << 63)
        late.call, late.back = early.call, early.back
        self.assertFalse(all(v.ok for v in check_entries(wrong).values()))


if __name__ == "__main__":
    unittest.main()
