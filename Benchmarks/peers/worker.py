"""The side of a peer in its talk with the driver: one JSON object per line, question and answer."""

import json
import sys
import time

import numpy as np

from cases import Case


class Peer:
    """What a peer implements. A form is one way to write the same work; the fastest is kept."""

    versions = {}

    def forms(self, case):
        """The likely fastest first: a quick comparison tries the first half alone."""

    def prepare(self, case, arrays, form):
        """Puts the arrays where the peer wants them. Not timed."""

    def run(self):
        """Takes one step on every sample of the block, or computes all features. Timed."""

    def results(self):
        """The weights, or the features, as NumPy arrays in the shapes of the file."""


def seconds(peer, blocks):
    start = time.perf_counter()
    for _ in range(blocks):
        peer.run()
    return time.perf_counter() - start


def load(peer, case, file, quick):
    """Tries the forms, and prepares the fastest anew."""
    arrays = dict(np.load(file))
    forms = peer.forms(case)
    times = {}
    for form in forms[: (len(forms) + 1) // 2] if quick else forms:
        peer.prepare(case, arrays, form)
        times[form] = seconds(peer, 1)  # compiles, warms up
        if times[form] < 2:
            times[form] = seconds(peer, 1)
        if times[form] < 0.2:
            blocks = max(1, min(100, int(0.1 / times[form])))
            times[form] = min(seconds(peer, blocks) / blocks for _ in range(3))
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
                answer = {"seconds": seconds(peer, question["blocks"])}
            case "save":
                np.savez(question["file"], *peer.results())
                answer = {}
        print(json.dumps(answer), file=answers, flush=True)
