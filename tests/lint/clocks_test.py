"""The lint of clocks on toy trees."""

import unittest

import clocks
from lint_test import LintTest


class ClocksTest(LintTest):
    def test_waits_by_the_steady_clock_pass(self):
        text = "cv.WaitUntil(&mu, voxel::SteadyNow());  // not WaitWithTimeout\n"
        self.assertEqual(self.found(clocks, {"daemon/a.cc": text}), [])
        self.assertEqual(self.found(clocks, {"tests/a.cc": "cv.WaitWithTimeout(&mu, t);\n"}), [])

    def test_a_wait_by_the_systems_clock_fails(self):
        for call in (
            "mu.AwaitWithTimeout(c, t)",
            "mu.LockWhenWithDeadline(c, t)",
            "n.WaitForNotificationWithTimeout(t)",
        ):
            found = self.found(clocks, {"daemon/a.cc": f"\n{call};\n"})
            name = call[call.index(".") + 1 : call.index("(")]
            problem = f"daemon/a.cc:2: {name} goes by the system's clock, which can be set"
            self.assert_one(found, problem)


if __name__ == "__main__":
    unittest.main()
