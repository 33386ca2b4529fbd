"""NumPy written by hand, in place; rank-one updates by NumPy or by SciPy's BLAS (sger)."""

import numpy as np
import scipy
from scipy.linalg.blas import sger

from worker import Peer, serve


class NumPy(Peer):
    versions = {"numpy": np.__version__, "scipy": scipy.__version__}

    def forms(self, case):
        """Weights as [out, in] or [in, out]; sger or outer product into a buffer, then add."""
        return [f"{layout} {update}" for update in ("sger", "outer")
                for layout in ("in×out", "out×in")]  # fmt: skip

    def prepare(self, case, arrays, form):
        self.case, self.N = case, case.hidden[0]
        self.transposed, self.ger = form.startswith("in"), form.endswith("sger")
        self.x, self.y = arrays["x"], arrays["y"]
        self.weights = [arrays[f"w{i}"].copy() for i in range(len(case.hidden) + 1)]
        if self.transposed:
            self.weights[:-1] = [np.ascontiguousarray(w.T) for w in self.weights[:-1]]
        self.z = [np.empty(n, np.float32) for n in [*case.hidden, case.outputs]]
        self.slope = [np.empty(n, np.float32) for n in case.hidden]
        self.back = [np.empty(n, np.float32) for n in case.hidden]
        self.features = np.empty((case.block, self.N), np.float32)
        # Not every layer is updated; the buffers of those that are not stay untouched pages.
        self.outer = [] if self.ger else [np.empty_like(w) for w in self.weights]
        self.run = {"all": {1: self.two, 2: self.three}[len(case.hidden)],
                    "middle": self.middle}[case.trained]  # fmt: skip

    def results(self):
        w = self.weights
        return [v.T for v in w[:-1]] + w[-1:] if self.transposed else w

    def flipped(self, layer):
        return self.transposed and layer + 1 < len(self.weights)

    def apply(self, layer, x):
        w = self.weights[layer]
        return np.dot(w.T if self.flipped(layer) else w, x, out=self.z[layer])

    def hidden(self, layer, x):
        """tanh, and 1 − tanh² beside it."""
        z = self.apply(layer, x)
        if layer > 0:
            z /= self.N
        np.tanh(z, out=z)
        np.multiply(z, z, out=self.slope[layer])
        np.subtract(1, self.slope[layer], out=self.slope[layer])
        return z

    def update(self, layer, c, x):
        """W += c xᵀ"""
        if self.flipped(layer):
            c, x = x, c
        w = self.weights[layer]
        if self.ger:
            sger(1, x, c, a=w.T, overwrite_a=True, overwrite_x=True, overwrite_y=True)
        else:
            w += np.multiply(c[:, None], x, out=self.outer[layer])

    def two(self, count):
        rate, a = self.case.step_size, self.weights[1][0]
        for x, y in zip(self.x[:count], self.y[:, 0]):
            h = self.hidden(0, x)
            e = np.float32(2 * rate * (y - np.dot(a, h) / self.N))
            c = np.multiply(self.slope[0], a, out=self.back[0])
            c *= e
            h *= e
            a += h
            self.update(0, c, x)

    def last(self, h, y):
        """The scaled descent direction of the outputs, and that of the last hidden layer."""
        o = self.apply(2, h)
        o /= self.N
        o -= o.max()
        np.exp(o, out=o)
        o /= o.sum()
        e = np.subtract(y, o, out=o)
        e *= np.float32(self.case.step_size)
        d = np.dot(self.weights[2].T, e, out=self.back[1])
        d *= self.slope[1]
        return e, d

    def middle(self, count):
        w, features = self.weights[0], self.features[:count]
        np.dot(self.x[:count], w if self.transposed else w.T, out=features)
        np.tanh(features, out=features)
        for h, y in zip(features, self.y):
            _, d = self.last(self.hidden(1, h), y)
            self.update(1, d, h)

    def three(self, count):
        for x, y in zip(self.x[:count], self.y):
            h1 = self.hidden(0, x)
            h2 = self.hidden(1, h1)
            e, d2 = self.last(h2, y)
            w = self.weights[1]
            d1 = np.dot(w if self.transposed else w.T, d2, out=self.back[0])
            d1 /= self.N
            d1 *= self.slope[0]
            self.update(0, d1, x)
            self.update(1, d2, h1)
            self.update(2, e, h2)


if __name__ == "__main__":
    serve(NumPy())
