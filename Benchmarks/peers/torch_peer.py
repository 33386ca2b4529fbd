"""PyTorch: autograd, or written by hand without it, in place; and VGG-16 (channels_last).

    torch_peer.py autograd|by-hand
"""

import os
import sys

import numpy as np
import torch
from torch.nn.functional import conv2d, max_pool2d

import cases
from worker import Peer, serve

torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))


class Torch(Peer):
    versions = {"torch": torch.__version__}

    def tensors(self, case, arrays, transposed=False):
        self.case, self.transposed, self.N = case, transposed, case.hidden[0]
        self.samples = list(zip(torch.tensor(arrays["x"]), torch.tensor(arrays["y"])))
        weights = [torch.tensor(arrays[f"w{i}"]) for i in range(len(case.hidden) + 1)]
        if transposed:
            weights[:-1] = [w.T.contiguous() for w in weights[:-1]]
        if case.trained == "middle":  # the first layer is fixed: once, for all samples
            first = weights[0] if transposed else weights[0].T
            self.hidden_inputs = torch.empty(case.block, self.N)
            self.x = torch.tensor(arrays["x"])
            self.first = first
        self.weights = weights

    def inputs(self, count):
        """The inputs of the first trained layer, and the targets, of the first samples."""
        if self.case.trained == "middle":
            torch.mm(self.x[:count], self.first, out=self.hidden_inputs[:count]).tanh_()
            return list(zip(self.hidden_inputs[:count], (y for _, y in self.samples)))
        return self.samples[:count]

    def results(self):
        w = [w.detach().numpy() for w in self.weights]
        return [v.T for v in w[:-1]] + w[-1:] if self.transposed else w


class Autograd(Torch):
    def forms(self, case):
        return ["p -= αg", "optim.SGD"]

    def prepare(self, case, arrays, form):
        self.tensors(case, arrays)
        last = len(case.hidden)
        self.trained = range(last + 1) if case.trained == "all" else range(1, last)
        self.rates = [case.step_size * self.N * (1 if i in (0, last) else self.N)
                      for i in self.trained]  # fmt: skip
        self.moving = [self.weights[i].requires_grad_() for i in self.trained]
        self.optimizer = None
        if "optim" in form:
            groups = [{"params": [p], "lr": rate} for p, rate in zip(self.moving, self.rates)]
            self.optimizer = torch.optim.SGD(groups)

    def loss(self, h, y):
        last = len(self.weights) - 1
        for layer in range(self.trained[0], last + 1):
            u = self.weights[layer] @ h
            if layer > 0:
                u = u / self.N
            h = u if layer == last else torch.tanh(u)
        if self.case.outputs == 1:
            return torch.square(y - h).sum()
        return torch.nn.functional.cross_entropy(h, y)

    def run(self, count):
        with torch.no_grad():
            inputs = self.inputs(count)
        for x, y in inputs:
            if self.optimizer:
                self.optimizer.zero_grad()
                self.loss(x, y).backward()
                self.optimizer.step()
                continue
            gradients = torch.autograd.grad(self.loss(x, y), self.moving)
            with torch.no_grad():
                for p, g, rate in zip(self.moving, gradients, self.rates):
                    p.sub_(g, alpha=rate)


class ByHand(Torch):
    def forms(self, case):
        if case.trained == "features":
            return [f"{memory} batch {batch}"
                    for memory in ("channels_last", "contiguous")
                    for batch in (32, 128, 16)]  # fmt: skip
        return ["in×out addr_", "out×in addr_", "in×out addmm_", "out×in addmm_"]

    def prepare(self, case, arrays, form):
        if case.trained == "features":
            return self.prepare_features(case, arrays, form)
        self.tensors(case, arrays, transposed=form.startswith("in"))
        self.rank_one = form.endswith("addr_")
        self.z = [torch.empty(n) for n in [*case.hidden, case.outputs]]
        self.slope = [torch.empty(n) for n in case.hidden]
        self.back = [torch.empty(n) for n in case.hidden]
        self.run = {"all": {1: self.two, 2: self.three}[len(case.hidden)],
                    "middle": self.middle}[case.trained]  # fmt: skip

    def apply(self, layer, x):
        w = self.weights[layer]
        flip = self.transposed and layer + 1 < len(self.weights)
        return torch.mv(w.T if flip else w, x, out=self.z[layer])

    def hidden(self, layer, x):
        """tanh, and 1 − tanh² beside it."""
        z = self.apply(layer, x)
        if layer > 0:
            z.div_(self.N)
        torch.mul(z.tanh_(), z, out=self.slope[layer]).neg_().add_(1)
        return z

    def update(self, layer, c, x):
        """W += c xᵀ"""
        if self.transposed and layer + 1 < len(self.weights):
            c, x = x, c
        if self.rank_one:
            self.weights[layer].addr_(c, x)
        else:
            self.weights[layer].addmm_(c[:, None], x[None])

    @torch.no_grad()
    def two(self, count):
        rate, a = self.case.step_size, self.weights[1][0]
        for x, y in self.inputs(count):
            h = self.hidden(0, x)
            e = 2 * rate * (float(y) - float(torch.dot(a, h)) / self.N)
            c = torch.mul(self.slope[0], a, out=self.back[0]).mul_(e)
            a.add_(h, alpha=e)
            self.update(0, c, x)

    def last(self, h, y):
        """The scaled descent direction of the outputs, and that of the last hidden layer."""
        o = self.apply(2, h).div_(self.N)
        e = torch.sub(y, torch.softmax(o, 0), out=self.z[2]).mul_(self.case.step_size)
        d = torch.mv(self.weights[2].T, e, out=self.back[1]).mul_(self.slope[1])
        return e, d

    @torch.no_grad()
    def middle(self, count):
        for h, y in self.inputs(count):
            _, d = self.last(self.hidden(1, h), y)
            self.update(1, d, h)

    @torch.no_grad()
    def three(self, count):
        for x, y in self.inputs(count):
            h1 = self.hidden(0, x)
            h2 = self.hidden(1, h1)
            e, d2 = self.last(h2, y)
            w = self.weights[1]
            torch.mv(w if self.transposed else w.T, d2, out=self.back[0])
            d1 = self.back[0].div_(self.N).mul_(self.slope[0])
            self.update(0, d1, x)
            self.update(1, d2, h1)
            self.update(2, e, h2)

    def prepare_features(self, case, arrays, form):
        self.form = torch.channels_last if "last" in form else torch.contiguous_format
        pixels = arrays["images"].astype(np.float32) / 255
        pixels -= cases.PIXEL_MEAN[:, None, None]
        pixels /= cases.PIXEL_DEVIATION[:, None, None]
        images = torch.tensor(pixels).to(memory_format=self.form)
        self.batches = images.split(int(form.split()[-1]))
        self.convolutions = [
            (number, torch.tensor(arrays[f"features.{number}.weight"]).to(memory_format=self.form),
             torch.tensor(arrays[f"features.{number}.bias"])) for number in cases.VGG16]  # fmt: skip
        self.run, self.whole_blocks = self.features, True
        self.results = lambda: [self.output.numpy()]

    @torch.inference_mode()
    def features(self, count):
        made = []
        for h in self.batches:
            for number, weight, bias in self.convolutions:
                h = conv2d(h, weight, bias, padding=1).relu_()
                if number in cases.POOLED_AFTER:
                    h = max_pool2d(h, 2)
            made.append(h.flatten(1))
        self.output = torch.cat(made)


if __name__ == "__main__":
    serve({"autograd": Autograd, "by-hand": ByHand}[sys.argv[1]]())
