"""The checker itself: what is linearizable passes, and each way of not being so is refused."""

import copy
import pathlib
import random
import tempfile
import unittest

import history
from history import Epoch, MalformedHistory, Operation, Restart
from model import Model, link, new_project
from search import check

RED, BLUE = 0xFF0000FF, 0x0000FFFF


def operation(call, back, kind, args, result, client="c", door="json"):
    return Operation("p", client, door, call, back, kind, args, result)


def put(call, back, at, rgba, rev, changed=1, **write):
    """A set of one voxel, its tag made of the time."""
    args = {"at": [at], "rgba": rgba, "tag": f"t{call}", **write}
    result = None if rev is None else {"rev": rev, "changed": changed, "replayed": False}
    return operation(call, back, "set", args, result)


def get(call, back, at, rev, rgba):
    return operation(call, back, "get", {"at": [at]}, {"rev": rev, "rgba": [rgba]})


def plain(call, back, at, rgba):
    """A put of RESP2."""
    args = {"at": [at], "rgba": rgba, "tag": ""}
    return operation(call, back, "put", args, None if back is None else {})


def both(call, back, rev, *rgba):
    return operation(call, back, "get", {"at": [0, 1]}, {"rev": rev, "rgba": list(rgba)})


def refused(call, back, reason, **write):
    error = {"error": reason}
    if "current" in write:
        error["current"] = write.pop("current")
    return operation(
        call, back, "set", {"at": [0], "rgba": BLUE, "tag": f"t{call}", **write}, error
    )


def undo(call, back, rev, changed, done, undo_left, redo_left, kind="undo", count=1):
    result = {"rev": rev, "changed": changed, "replayed": False}
    result.update(done=done, undo_left=undo_left, redo_left=redo_left)
    return operation(call, back, kind, {"count": count, "tag": f"t{call}"}, result)


class CheckerTest(unittest.TestCase):
    def verdict(self, *entries, **options):
        epochs = history.by_project(list(entries))["p"]
        return check(Model(**options), new_project(2), epochs)

    def accept(self, *entries, **options):
        verdict = self.verdict(*entries, **options)
        self.assertTrue(verdict.ok, verdict.problem)

    def refuse(self, *entries, **options):
        verdict = self.verdict(*entries, **options)
        self.assertFalse(verdict.ok)
        self.assertTrue(verdict.problem)
        return verdict.problem

    def test_edits_that_overlap_may_come_in_either_order(self):
        self.accept(put(0, 10, 0, RED, 3), put(1, 9, 1, BLUE, 2), get(20, 21, 0, 3, RED))
        self.accept(put(0, 10, 0, RED, 2), put(1, 9, 1, BLUE, 3), get(20, 21, 0, 3, RED))

    def test_numbers_against_the_order_of_time(self):
        self.refuse(put(0, 10, 0, RED, 3), put(11, 19, 1, BLUE, 2))

    def test_a_stale_read(self):
        self.accept(put(0, 10, 0, RED, 2), get(5, 15, 0, 1, 0))
        self.refuse(put(0, 10, 0, RED, 2), get(11, 15, 0, 1, 0))

    def test_a_stale_read_that_tells_the_right_number(self):
        self.refuse(put(0, 10, 0, RED, 2), get(11, 15, 0, 2, 0))

    def test_reads_that_go_back_in_time(self):
        writes = put(0, 100, 0, RED, 2)
        self.accept(writes, get(10, 20, 0, 1, 0), get(30, 40, 0, 2, RED))
        self.refuse(writes, get(10, 20, 0, 2, RED), get(30, 40, 0, 1, 0))

    def test_a_read_of_what_nobody_wrote(self):
        self.refuse(put(0, 10, 0, RED, 2), get(11, 15, 0, 2, BLUE))

    def test_a_lost_edit(self):
        self.refuse(put(0, 10, 0, RED, 2), put(20, 30, 1, RED, 3), get(40, 50, 0, 3, 0))

    def test_a_number_that_came_twice_or_was_left_out(self):
        self.refuse(put(0, 10, 0, RED, 2), put(1, 10, 1, RED, 2))
        self.refuse(put(0, 10, 0, RED, 3))
        self.accept(put(0, 10, 0, RED, 3), any_number=True)
        self.refuse(put(0, 10, 0, RED, 3), put(11, 20, 1, RED, 2), any_number=True)

    def test_a_wrong_count(self):
        self.refuse(put(0, 10, 0, RED, 2, changed=2))
        self.accept(put(0, 10, 0, RED, 2), put(11, 20, 0, RED, 2, changed=0))

    def test_a_guard_that_let_somebody_through(self):
        self.accept(put(0, 10, 0, RED, 2, expected=1))
        self.refuse(put(0, 10, 0, RED, 2), put(20, 30, 0, BLUE, 3, expected=1))
        self.accept(
            put(0, 10, 0, RED, 2), refused(20, 30, "REVISION_MISMATCH", expected=1, current=2)
        )

    def test_a_guard_that_refused_without_reason(self):
        self.refuse(refused(0, 10, "REVISION_MISMATCH", expected=1, current=2))
        self.refuse(
            put(0, 10, 0, RED, 2), refused(20, 30, "REVISION_MISMATCH", expected=1, current=3)
        )

    def test_two_guarded_edits_of_one_revision(self):
        both = put(0, 10, 0, RED, 2, expected=1), put(1, 11, 1, RED, 3, expected=1)
        self.refuse(*both)

    def test_unchanged_boxes(self):
        first = put(0, 10, 0, RED, 2)
        self.accept(first, put(20, 30, 1, RED, 3, unchanged=[[1], 1]))
        self.refuse(first, put(20, 30, 0, BLUE, 3, unchanged=[[0], 1]))
        self.accept(first, refused(20, 30, "BOX_CHANGED", unchanged=[[0], 1], current=2))
        self.refuse(first, refused(20, 30, "BOX_CHANGED", unchanged=[[0], 1], current=1))
        self.refuse(first, refused(20, 30, "BOX_CHANGED", unchanged=[[1], 1], current=2))
        self.accept(first, refused(20, 30, "REVISION_UNKNOWN", unchanged=[[0], 7]))
        self.refuse(first, refused(20, 30, "REVISION_UNKNOWN", unchanged=[[0], 2]))

    def test_undo_and_redo(self):
        edits = put(0, 1, 0, RED, 2), put(2, 3, 0, BLUE, 3)
        self.accept(
            *edits,
            undo(4, 5, 4, 1, 1, 1, 1),
            get(6, 7, 0, 4, RED),
            undo(8, 9, 5, 1, 1, 2, 0, kind="redo"),
            get(10, 11, 0, 5, BLUE),
            undo(12, 13, 6, 1, 2, 0, 2, count=9),
            get(14, 15, 0, 6, 0),
            undo(16, 17, 6, 0, 0, 0, 2),
        )
        self.refuse(*edits, undo(4, 5, 4, 1, 1, 1, 1), get(6, 7, 0, 4, 0))
        self.refuse(*edits, undo(4, 5, 4, 1, 1, 2, 1))
        self.refuse(*edits, undo(4, 5, 4, 1, 1, 1, 1), undo(6, 7, 5, 1, 1, 1, 1))

    def test_an_edit_ends_what_could_be_redone(self):
        before = put(0, 1, 0, RED, 2), undo(2, 3, 3, 1, 1, 0, 1), put(4, 5, 1, RED, 4)
        self.accept(*before, undo(6, 7, 4, 0, 0, 1, 0, kind="redo"))
        self.refuse(*before, undo(6, 7, 5, 1, 1, 2, 0, kind="redo"))

    def test_steps_go_with_what_is_no_longer_retained(self):
        """Of revisions 1 to 7, 5 to 7 stay, and 4 may, for one that is under way."""
        edits = [put(10 * n, 10 * n + 1, 0, RED + (n << 8), n + 2) for n in range(6)]
        three = {"retained": 3, "clients": 0}
        for left in (1, 2):
            self.accept(*edits, undo(100, 110, 8, 1, 1, left, 1), **three)
            self.refuse(*edits, undo(100, 110, 8, 1, 1, left, 1))
        for left in (0, 3, 4, 5):
            self.refuse(*edits, undo(100, 110, 8, 1, 1, left, 1), **three)
        self.accept(*edits, undo(100, 110, 8, 1, 1, 4, 1), retained=3, clients=4)
        for done in (2, 3):
            self.accept(*edits, undo(100, 110, 8, 1, done, 0, done, count=5), **three)
        for done in (1, 4, 5):
            self.refuse(*edits, undo(100, 110, 8, 1, done, 0, done, count=5), **three)

    def test_what_can_be_redone_goes_with_its_next_step(self):
        edits = put(0, 1, 0, RED, 2), put(2, 3, 0, BLUE, 3), put(4, 5, 0, RED, 4)
        back = *edits, undo(6, 7, 5, 1, 1, 2, 1), undo(8, 9, 6, 1, 1, 0, 2)
        again = undo(10, 11, 7, 1, 1, 1, 1, kind="redo")
        nothing = undo(10, 11, 6, 0, 0, 0, 0, kind="redo")
        self.accept(*back, again, retained=3)
        self.accept(*back, nothing, retained=3)
        self.accept(*back, again, retained=4)
        self.refuse(*back, nothing, retained=4)

    def test_a_guard_by_what_is_no_longer_retained(self):
        edits = [put(10 * n, 10 * n + 1, 0, RED + (n << 8), n + 2) for n in range(6)]
        for since, gone, there in ((3, True, False), (4, True, True), (5, False, True)):
            dropped = refused(100, 110, "REVISION_DROPPED", unchanged=[[1], since])
            (self.accept if gone else self.refuse)(*edits, dropped, retained=3)
            passed = put(100, 110, 1, RED, 8, unchanged=[[1], since])
            (self.accept if there else self.refuse)(*edits, passed, retained=3)

    def test_an_undo_without_an_answer_went_as_far_as_it_may_have(self):
        edits = [put(10 * n, 10 * n + 1, 0, RED + (n << 8), n + 2) for n in range(6)]
        silent = undo(100, None, 0, 0, 0, 0, 0, count=5)
        silent.result = None
        there = Restart("p", 200, 300, 8, [[8, 7, "t100"], [7, 6, "t50"]])
        for number, done in ((4, 2), (3, 3)):
            color = RED + (number - 1 << 8)
            self.accept(*edits, silent, there, get(400, 410, 0, 8, color), retained=3)
        for number in (1, 2, 5):
            color = RED + (number - 1 << 8)
            self.refuse(*edits, silent, there, get(400, 410, 0, 8, color), retained=3)

    def test_a_retry_is_answered_once(self):
        first = put(0, 10, 0, RED, 2, id="x")
        again = copy.deepcopy(first)
        again.call, again.back = 20, 30
        self.refuse(first, again)
        again.result["replayed"] = True
        self.accept(first, again)
        again.result["rev"] = 3
        self.refuse(first, again)

    def test_a_retry_in_flight(self):
        first, again = put(0, 10, 0, RED, 2, id="x"), put(0, 12, 0, RED, 2, id="x")
        again.result["replayed"] = True
        self.accept(first, again)
        again.result = {"rev": 3, "changed": 0, "replayed": False}
        self.refuse(first, again)

    def test_an_id_for_something_else(self):
        first = put(0, 10, 0, RED, 2, id="x")
        self.accept(first, refused(20, 30, "REQUEST_ID_REUSED", id="x"))
        self.refuse(first, put(20, 30, 1, RED, 3, id="x"))
        self.refuse(refused(20, 30, "REQUEST_ID_REUSED", id="x"))

    def test_the_log(self):
        def log(*revisions):
            return operation(20, 30, "log", {"size": 2}, {"revs": [list(r) for r in revisions]})

        edits = put(0, 1, 0, RED, 2), put(2, 3, 0, BLUE, 3)
        self.accept(*edits, log((3, 2, "t2"), (2, 1, "t0")))
        self.refuse(*edits, log((3, 2, "t0"), (2, 1, "t2")))
        self.refuse(*edits, log((3, 1, "t2"), (2, 1, "t0")))

    def test_an_edit_without_an_answer_is_there_or_not(self):
        silent = put(0, None, 0, RED, None)
        self.accept(silent, get(20, 30, 0, 1, 0))
        self.accept(silent, get(20, 30, 0, 1, 0), get(40, 50, 0, 2, RED))
        self.refuse(silent, get(20, 30, 0, 2, RED), get(40, 50, 0, 1, 0))

    def test_a_restart_keeps_what_was_answered(self):
        edit = put(0, 10, 0, RED, 2)
        self.accept(edit, Restart("p", 20, 30, 2, [[2, 1, "t0"], [1, 0, ""]]))
        problem = self.refuse(edit, Restart("p", 20, 30, 1, [[1, 0, ""]]))
        self.assertIn("revision 1 was found", problem)
        problem = self.refuse(edit, Restart("p", 20, 30, 2, [[2, 1, "somebody"], [1, 0, ""]]))
        self.assertIn("somebody", problem)

    def test_a_restart_decides_about_what_was_not(self):
        silent = put(0, None, 0, RED, None)
        there = Restart("p", 20, 30, 2, [[2, 1, "t0"], [1, 0, ""]])
        gone = Restart("p", 20, 30, 1, [[1, 0, ""]])
        self.accept(silent, there, get(40, 50, 0, 2, RED))
        self.accept(silent, gone, get(40, 50, 0, 1, 0))
        self.refuse(silent, gone, get(40, 50, 0, 2, RED))  # nobody could do it any more
        self.refuse(silent, there, get(40, 50, 0, 1, 0))

    def test_a_crash_may_cut_off_relaxed_edits_from_the_end(self):
        first = put(0, 1, 0, RED, 2, relaxed=True)
        second = put(2, 3, 1, RED, 3, relaxed=True)
        log = [[3, 2, "t2"], [2, 1, "t0"], [1, 0, ""]]
        for kept in range(3):
            self.accept(first, second, Restart("p", 20, 30, 3 - kept, log[kept:]))
        self.refuse(first, second, Restart("p", 20, 30, 3, [log[0], log[2]]))
        sync = put(4, 5, 0, BLUE, 4)
        for head, rest in ((3, log), (2, log[1:])):  # what was behind it is safe, too
            self.refuse(first, second, sync, Restart("p", 20, 30, head, rest))

    def test_a_number_is_not_given_again_after_a_crash(self):
        lost = put(0, 1, 0, RED, 2, relaxed=True), Restart("p", 20, 30, 1, [[1, 0, ""]])
        self.accept(*lost, put(40, 50, 0, BLUE, 9))
        self.refuse(*lost, put(40, 50, 0, BLUE, 2))
        self.refuse(*lost, put(40, 50, 0, BLUE, 9), put(60, 70, 0, RED, 11))
        again = Restart("p", 32, 36, 1, [[1, 0, ""]])
        self.refuse(*lost, again, put(40, 50, 0, BLUE, 2))
        # Nor if its effect alone was seen.
        peek = operation(2, 3, "peek", {"at": [0]}, {"rgba": [RED]})
        silent = put(0, None, 0, RED, None), peek, lost[1]
        self.accept(*silent, put(40, 50, 0, BLUE, 9))
        self.refuse(*silent, put(40, 50, 0, BLUE, 2))

    def test_a_retry_over_a_crash(self):
        silent = put(0, None, 0, RED, None, id="x")
        again = put(40, 50, 0, RED, 2, id="x", tag="t0")
        there = Restart("p", 20, 30, 2, [[2, 1, "t0"], [1, 0, ""]])
        gone = Restart("p", 20, 30, 1, [[1, 0, ""]])
        self.accept(silent, gone, again)
        self.refuse(silent, there, again)
        again.result["replayed"] = True
        self.accept(silent, there, again)
        self.refuse(silent, gone, again)

    def test_a_retry_tells_an_old_revision(self):
        again = put(40, 50, 0, RED, 2, id="x", tag="t0")
        again.result["replayed"] = True
        self.accept(put(0, 1, 0, RED, 2, id="x"), put(10, 11, 1, RED, 3), again)

    def test_puts_that_come_together_may_share_a_revision(self):
        two = (plain(0, 10, 0, RED), plain(1, 9, 1, BLUE))
        for last in (2, 3):
            self.accept(*two, both(20, 21, last, RED, BLUE))
        self.refuse(*two, both(20, 21, 4, RED, BLUE))
        self.refuse(*two, both(20, 21, 2, RED, 0))
        self.accept(*two, both(3, 4, 1, 0, 0), both(20, 21, 2, RED, BLUE))
        self.accept(*two, both(3, 4, 2, RED, 0), both(20, 21, 3, RED, BLUE))
        self.accept(*two, plain(2, 8, 0, 0), both(20, 21, 2, 0, BLUE))

    def test_a_shared_revision_is_whole_when_it_is_seen(self):
        two = (plain(0, 10, 0, RED), plain(1, 9, 1, BLUE))
        self.refuse(*two, both(3, 4, 2, RED, 0), both(20, 21, 2, RED, BLUE))
        peek = operation(3, 4, "peek", {"at": [0]}, {"rgba": [RED]})
        half = operation(5, 6, "peek", {"at": [1]}, {"rgba": [0]})
        self.accept(*two, peek, half, both(20, 21, 3, RED, BLUE))
        self.refuse(*two, peek, half, both(20, 21, 2, RED, BLUE))
        log = operation(5, 6, "log", {"size": 1}, {"revs": [[2, 1, ""]]})
        self.refuse(*two, log, both(7, 8, 2, RED, 0), both(20, 21, 2, RED, BLUE))

    def test_puts_that_share_a_revision_are_one_step(self):
        two = (plain(0, 10, 0, RED), plain(1, 9, 1, BLUE))
        self.accept(*two, undo(20, 30, 3, 2, 1, 0, 1))
        self.accept(*two, undo(20, 30, 4, 1, 1, 1, 1))
        self.refuse(*two, undo(20, 30, 4, 2, 1, 0, 1))

    def test_puts_that_change_nothing_together_are_no_revision(self):
        there = plain(0, 10, 0, RED), plain(1, 9, 0, 0)
        self.accept(*there, get(20, 30, 0, 1, 0))
        self.accept(*there, get(20, 30, 0, 3, 0))
        self.accept(*there, get(20, 30, 0, 2, RED))

    def test_a_put_that_may_have_changed_nothing_may_have_changed_something(self):
        there = put(0, 1, 0, RED, 2), plain(2, 20, 0, RED), put(5, 6, 0, BLUE, 3)
        self.accept(*there, get(30, 40, 0, 3, BLUE))
        self.accept(*there, get(30, 40, 0, 4, RED))
        self.refuse(*there, get(30, 40, 0, 4, BLUE))

    def test_puts_over_a_crash(self):
        two = (plain(0, 10, 0, RED), plain(1, None, 1, BLUE))
        for log in ([[2, 1, ""]], [[3, 2, ""]]):
            self.accept(*two, Restart("p", 100, 200, log[0][0], log))
        self.refuse(*two, Restart("p", 100, 200, 1, [[1, 0, ""]]))
        gone = (plain(0, None, 0, RED), plain(1, None, 1, BLUE))
        for last in (1, 2, 3):
            restart = Restart("p", 100, 200, last, [[last, last - 1, ""]])
            self.accept(*gone, restart)
        after = Restart("p", 100, 200, 2, [[2, 1, ""]])
        self.accept(*gone, after, both(300, 310, 2, RED, BLUE))
        self.accept(*gone, after, both(300, 310, 2, 0, BLUE))
        self.refuse(*gone, after, both(300, 310, 2, 0, 0))
        # Two that change nothing together leave what was before them, and that it may be lost.
        relaxed = put(0, 1, 0, RED, 2, relaxed=True)
        nothing = plain(10, 20, 1, BLUE), plain(11, 19, 1, 0)
        self.accept(relaxed, *nothing, Restart("p", 30, 40, 1, [[1, 0, ""]]))
        self.accept(relaxed, *nothing, Restart("p", 30, 40, 2, [[2, 1, "t0"], [1, 0, ""]]))
        more = put(2, 3, 1, RED, 3, relaxed=True), plain(10, 20, 1, BLUE), plain(11, 19, 1, RED)
        self.accept(relaxed, *more, Restart("p", 30, 40, 2, [[2, 1, "t0"]]))
        log = [[2, 1, "t30"], [1, 0, ""]]  # so that their number is another one's
        self.accept(*nothing, put(30, 31, 0, RED, 2), Restart("p", 40, 50, 2, log))
        silent = plain(10, 20, 1, BLUE), plain(11, None, 1, 0)
        self.accept(relaxed, *silent, Restart("p", 30, 40, 1, [[1, 0, ""]]))

    def test_edits_that_tell_only_how_much_they_changed(self):
        args = {"at": [0, 1], "rgba": RED, "tag": ""}
        self.accept(operation(0, 10, "mset", args, {"changed": 2}), get(20, 30, 0, 2, RED))
        self.refuse(operation(0, 10, "mset", args, {"changed": 1}), get(20, 30, 0, 2, RED))
        self.refuse(operation(0, 10, "mset", args, {"changed": 2}), get(20, 30, 0, 3, RED))
        self.accept(operation(0, 10, "mset", {**args, "rgba": 0}, {"changed": 0}))

    def test_an_answer_from_nobody_is_no_history(self):
        with self.assertRaises(MalformedHistory):
            history.by_project([put(10, 5, 0, RED, 2)])
        with self.assertRaises(MalformedHistory):
            history.by_project([Restart("p", 20, 30, 1, []), put(22, 25, 0, RED, 2)])

    def test_many_orders_are_not_tried_twice(self):
        """Twelve edits at once that tell no numbers apart: without the memory, 12! orders."""
        entries = [put(0, None, i % 2, RED + (i << 8), None) for i in range(12)]
        entries.append(get(100, 101, 0, 14, 12345))  # nobody wrote it
        verdict = self.verdict(*entries[:6], entries[-1])
        self.assertFalse(verdict.ok)
        self.assertLess(verdict.tried, 20000)

    def few_steps(self, *entries):
        """The verdict; each of these took many thousand steps while every order of edits without an answer was tried."""
        verdict = self.verdict(*entries)
        self.assertLess(verdict.tried, 100)
        return verdict.ok

    def test_what_a_crash_met_is_not_tried_in_every_order(self):
        silent = [put(2, None, n % 2, n + 1, None, tag=f"s{n}") for n in range(8)]
        # None of them is on the disk; one put in a wrong place before them.
        two = plain(0, 10, 0, RED), plain(1, 9, 1, BLUE)
        peek = operation(3, 12, "peek", {"at": [0]}, {"rgba": [RED]})
        after = Restart("p", 20, 30, 2, [[2, 1, ""], [1, 0, ""]])
        self.assertTrue(self.few_steps(*two, *silent, peek, after, both(40, 50, 2, RED, BLUE)))
        # All are, in the other order.
        log = [[n + 2, n + 1, f"s{7 - n}"] for n in reversed(range(8))]
        self.assertTrue(self.few_steps(*silent, Restart("p", 20, 30, 9, [*log, [1, 0, ""]])))
        # None is needed.
        gone = Restart("p", 20, 30, 1, [[1, 0, ""]])
        self.assertFalse(self.few_steps(*silent, gone, get(40, 50, 0, 1, RED)))
        # More than one is too many, for a read tells the number.
        early, late = get(20, 21, 0, 1, 0), get(30, 31, 0, 2, BLUE)
        self.assertFalse(self.few_steps(*silent, early, late))

    def test_files_hold_histories(self):
        entries = [put(0, 10, 0, RED, 2, id="x"), put(11, None, 0, RED, None)]
        entries.append(Restart("p", 20, 30, 2, [[2, 1, "t0"]]))
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "history"
            history.save(path, entries)
            self.assertEqual(history.load(path), entries)


class SimulatedTest(unittest.TestCase):
    """Histories of the model itself, their operations stretched so that they overlap."""

    def simulate(self, seed, count=400):
        chance, model, state = random.Random(seed), Model(), new_project(2)
        entries = []
        for n in range(count):
            kind = chance.choice(("set", "set", "get", "undo", "redo", "log"))
            args = {
                "set": {"at": [chance.randrange(2)], "rgba": chance.randrange(1, 9)},
                "get": {"at": [0, 1]},
                "log": {"size": 3},
            }.get(kind, {"count": chance.randint(1, 2)})
            if kind in ("set", "undo", "redo"):
                args["tag"] = f"t{n}"
            result, state = self.answer(model, state, kind, args)
            middle = 1000 * n
            call, back = middle - chance.randrange(4000), middle + chance.randrange(4000)
            entries.append(operation(call, back, kind, args, result))
        return entries

    @staticmethod
    def answer(model, state, kind, args):
        if kind == "get":
            return {"rev": state.head, "rgba": list(state.content)}, state
        if kind == "log":
            return {"revs": state.log(args["size"])}, state
        after = model.step(state, kind, args, None) or state
        result = {
            "rev": after.head,
            "changed": sum(a != b for a, b in zip(after.content, state.content)),
            "replayed": False,
        }
        if kind != "set":
            left, right = (n.size if n else 0 for n in (after.undo, after.redo))
            before = state.undo if kind == "undo" else state.redo
            done = min(args["count"], before.size if before else 0)
            result.update(done=done, undo_left=left, redo_left=right)
        return result, model.step(state, kind, args, result)

    def verdict(self, entries):
        return check(Model(), new_project(2), history.by_project(entries)["p"])

    def test_they_pass_in_about_linear_time(self):
        for seed in range(5):
            entries = self.simulate(seed)
            verdict = self.verdict(entries)
            self.assertTrue(verdict.ok, verdict.problem)
            self.assertLess(verdict.tried, 40 * len(entries))

    def test_one_wrong_answer_is_found(self):
        for seed in range(40):
            entries = self.simulate(seed, 60)
            chance = random.Random(seed)
            wrong = chance.choice([e for e in entries if e.kind == "get"])
            wrong.result["rgba"][chance.randrange(2)] = 77  # nobody writes that
            self.assertFalse(self.verdict(entries).ok)

    def test_a_shared_list_tells_equal_from_different(self):
        self.assertEqual(link(2, link(1, None)).key, link(2, link(1, None)).key)
        self.assertNotEqual(link(2, link(1, None)).key, link(1, link(2, None)).key)


if __name__ == "__main__":
    unittest.main()
