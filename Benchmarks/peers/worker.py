"""The side of a peer in its talk with the driver: one JSON object per line, question and answer."""

import json
import sys
import time

import numpy as np

from cases import Case


class Peer:
    """What a peer implements. A form is one way to write the same work; the fastest is kept."""

    versions = {}
    whole_blocks = False  # whether a call has to take all samples of the file

    def forms(self, case):
        """The likely fastest first: a quick comparison tries the first half alone."""

    def prepare(self, case, arrays, form):
        """Puts the arrays where the peer wants them. Not timed."""

    def run(self, count):
        """Takes a step on each of the first `count` samples, or computes all features. Timed."""

    def results(self):
        """The weights, or the features, as NumPy arrays in the shapes of the file."""


def timed(peer, case, steps):
    """Seconds, and the steps taken in them: at least as many as asked for."""
    blocks, rest = divmod(steps, case.block)
    if rest and peer.whole_blocks:
        blocks, rest = blocks + 1, 0
    start = time.perf_counter()
    for count in [case.block] * blocks + [rest] * (rest > 0):
        peer.run(count)
    return time.perf_counter() - start, case.block * blocks + rest


def load(peer, case, file, quick):
    """Tries the forms, and prepares the fastest anew."""
    arrays = dict(np.load(file))
    forms = peer.forms(case)
    times = {}
    for form in forms[: (len(forms) + 1) // 2] if quick else forms:
        peer.prepare(case, arrays, form)
        probe = min(8, case.block)
        timed(peer, case, probe)  # compiles
        seconds, steps = timed(peer, case, probe)  # warms up
        times[form] = seconds / steps
        if seconds < 0.3:
            runs = [timed(peer, case, int(0.1 / times[form]) + 1) for _ in range(3)]
            times[form] = min(seconds / steps for seconds, steps in runs)
    best = min(times, key=times.get)
    peer.prepare(case, arrays, best)
    return best


def serve(peer):
    answers = sys.stdout
    sys.stdout = sys.stderr  # whatever a library prints must not mix with the answers
    case = None
    for line in sys.stdin:
        question = json.loads(line)
        match question["do"]:
            case "versions":
                answer = peer.versions
            case "load":
                case = Case(**question["case"])
                answer = {"form": load(peer, case, question["file"], question["quick"])}
            case "run":
                seconds, steps = timed(peer, case, question["steps"])
                answer = {"seconds": seconds, "steps": steps}
            case "save":
                np.savez(question["file"], *peer.results())
                answer = {}
        print(json.dumps(answer), file=answers, flush=True)
