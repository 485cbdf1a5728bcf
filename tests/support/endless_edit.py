"""Edits that do not end by themselves, for tests of what happens meanwhile."""


def endless(project, balls=20000):
    """An edit that takes minutes (some ten milliseconds a ball), and changes nothing if it is given up."""
    edits = [
        {
            "ellipsoid": {
                "box": {"min": [i % 7, 0, 0], "max": [990 + i % 5, 995, 999]},
                "color": f"#{i % 999999:06d}",
            }
        }
        for i in range(balls)
    ]
    return {"project": project, "edits": edits}
