"""JAX: `lax.scan` over the samples in one jitted call, with the weights donated."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np

from worker import Peer, serve


def two_layers(case, rows):
    N, rate = case.hidden[0], case.step_size

    def step(weights, sample):
        w, a = weights
        x, y = sample
        h = jnp.tanh(w @ x if rows else x @ w)
        e = 2 * rate * (y[0] - a @ h / N)
        c = e * a * (1 - h * h)
        return (w + (jnp.outer(c, x) if rows else jnp.outer(x, c)), a + e * h), None

    return step


def three_layers(case, rows):
    """Written out: the same arithmetic as `jax.grad` of the loss (the form "grad")."""
    N, rate, every = case.hidden[0], case.step_size, case.trained == "all"

    def apply(w, x):
        return w @ x if rows else x @ w

    def back(w, v):
        return v @ w if rows else w @ v

    def moved(w, c, x):
        return w + (jnp.outer(c, x) if rows else jnp.outer(x, c))

    def step(weights, sample):
        w1, w2, w3 = weights
        x, y = sample
        h1 = jnp.tanh(apply(w1, x)) if every else x
        h2 = jnp.tanh(apply(w2, h1) / N)
        e = rate * (y - jax.nn.softmax(apply(w3, h2) / N))
        d2 = back(w3, e) * (1 - h2 * h2)
        if not every:  # the first layer is fixed: x is h1, computed for all samples at once
            return (w1, moved(w2, d2, h1), w3), None
        d1 = back(w2, d2) / N * (1 - h1 * h1)
        return (moved(w1, d1, x), moved(w2, d2, h1), moved(w3, e, h2)), None

    return step


def by_grad(case, rows):
    N, rate, last = case.hidden[0], case.step_size, len(case.hidden)

    def loss(moving, fixed, x, y):
        weights = {**fixed, **moving}
        h = x
        for layer in range(0 if case.trained == "all" else 1, last + 1):
            u = (weights[layer] @ h if rows else h @ weights[layer]) / (N if layer else 1)
            h = u if layer == last else jnp.tanh(u)
        return jnp.sum((y - h) ** 2) if case.outputs == 1 else -y @ jax.nn.log_softmax(h)

    def step(weights, sample):
        fixed = dict(enumerate(weights))
        trained = range(last + 1) if case.trained == "all" else range(1, last)
        moving = {layer: fixed.pop(layer) for layer in trained}
        gradient = jax.grad(loss)(moving, fixed, *sample)
        for layer, g in gradient.items():
            moving[layer] = moving[layer] - rate * (N if layer in (0, last) else N * N) * g
        return tuple({**fixed, **moving}[layer] for layer in range(last + 1)), None

    return step


class JAX(Peer):
    whole_blocks = True
    versions = {"jax": jax.__version__, "jaxlib": jax.lib.__version__}

    def forms(self, case):
        """Weights as [out, in] or [in, out], gradients by hand or `jax.grad`, scan unrolled."""
        ways = itertools.product(["by hand", "grad"], ["unroll 4", "unroll 1"], ["out×in", "in×out"])
        return [f"{layout} {gradient} {unroll}" for gradient, unroll, layout in ways]

    def prepare(self, case, arrays, form):
        self.rows = form.startswith("out")
        by_hand = two_layers if len(case.hidden) == 1 else three_layers
        step = (by_grad if "grad" in form else by_hand)(case, self.rows)
        self.single = len(case.hidden) == 1 and "by hand" in form

        def block(moving, fixed, x, y):
            weights = {**fixed, **moving}
            if case.trained == "middle":
                w1 = weights[0]
                x = jnp.tanh(x @ (w1.T if self.rows else w1))
            # Only what moves is carried by the scan; the rest is a constant of the loop.
            names = sorted(moving)

            def body(carry, sample):
                full = {**fixed, **dict(zip(names, carry))}
                after, _ = step(tuple(full[i] for i in sorted(full)), sample)
                return tuple(after[i] for i in names), None

            carry, _ = jax.lax.scan(
                body, tuple(moving[i] for i in names), (x, y), unroll=int(form[-1]))
            return dict(zip(names, carry))

        self.block = jax.jit(block, donate_argnums=0)
        self.x, self.y = jnp.array(arrays["x"]), jnp.array(arrays["y"])
        weights = [arrays[f"w{i}"] for i in range(len(case.hidden) + 1)]
        if self.single:
            weights[-1] = weights[-1][0]
        elif not self.rows:
            weights[-1] = np.ascontiguousarray(weights[-1].T)
        if not self.rows:
            weights[:-1] = [np.ascontiguousarray(w.T) for w in weights[:-1]]
        trained = range(len(weights)) if case.trained == "all" else range(1, len(weights) - 1)
        self.moving = {i: jnp.array(weights[i]) for i in trained}
        self.fixed = {i: jnp.array(w) for i, w in enumerate(weights) if i not in trained}

    def run(self, count):
        self.moving = jax.block_until_ready(self.block(self.moving, self.fixed, self.x, self.y))

    def results(self):
        weights = [np.asarray({**self.fixed, **self.moving}[i])
                   for i in range(len(self.moving) + len(self.fixed))]  # fmt: skip
        if not self.rows:
            weights = [w.T for w in weights]
        return [np.atleast_2d(w) for w in weights]


if __name__ == "__main__":
    serve(JAX())
