"""Epochs of training and of evaluation in PyTorch. Each returns the mean loss over its samples."""

import time

import torch
import torch.distributed as dist
from torch import nn


class Totals:
    """Sums of the loss and of the hits, kept as tensors, so that no step waits to read them."""

    def __init__(self):
        self.loss = torch.zeros((), dtype=torch.float64)
        self.hits = torch.zeros((), dtype=torch.int64)

    @torch.no_grad()
    def add(self, loss, logits, labels):
        self.loss.add_(loss.detach(), alpha=len(labels))
        self.hits.add_(logits.argmax(1).eq(labels).sum())

    def mean_loss(self, samples, add=None):
        """`add` makes a tensor the sum over the processes, if there are several."""
        if add:
            add(self.loss)
            add(self.hits)
        return self.loss.item() / samples


class Training:
    """SGD with momentum. Of several processes each takes its part of every batch."""

    def __init__(self, job, model, data, rank, processes):
        config = job["config"]
        self.batch_size = config["training"]["batchSize"]
        self.model = model.train()
        self.data = data
        self.rank = rank
        self.processes = processes
        self.criterion = nn.CrossEntropyLoss()
        # foreach: a tenth faster than tensor by tensor.
        self.optimizer = torch.optim.SGD(
            model.parameters(),
            lr=config["optimizer"]["learningRate"],
            momentum=config["optimizer"]["momentum"],
            foreach=True,
        )

    def epoch(self, samples):
        totals = Totals()
        for indices in torch.randperm(samples).split(self.batch_size):
            if self.processes > 1:
                indices = indices.tensor_split(self.processes)[self.rank]
            images, labels = self.data.batch(indices)
            self.optimizer.zero_grad(set_to_none=True)
            logits = self.model(images)
            loss = self.criterion(logits, labels)
            loss.backward()
            self.reduce_gradients()
            self.optimizer.step()
            totals.add(loss, logits, labels)
        return totals.mean_loss(samples, self.add if self.processes > 1 else None)

    def reduce_gradients(self):
        """DistributedDataParallel has done it, during the backward pass."""

    def add(self, tensor):
        dist.all_reduce(tensor)


class Evaluation:
    """Of several processes each takes its part of the samples."""

    batch_sizes = (100, 250, 500, 1000)

    def __init__(self, model, data, rank, processes):
        self.batch_size = 1000
        self.model = model.eval()
        self.data = data
        self.rank = rank
        self.processes = processes
        self.criterion = nn.CrossEntropyLoss()

    @torch.inference_mode()
    def epoch(self, samples):
        totals = Totals()
        begin, end = (samples * rank // self.processes for rank in (self.rank, self.rank + 1))
        for start in range(begin, end, self.batch_size):
            images, labels = self.data.slice(start, min(end, start + self.batch_size))
            logits = self.model(images)
            totals.add(self.criterion(logits, labels), logits, labels)
        return totals.mean_loss(samples, dist.all_reduce if self.processes > 1 else None)

    def choose_batch_size(self):
        """The fastest here: the best of three passes each."""
        samples = min(len(self.data.labels), 2000 * self.processes)
        best = {size: float("inf") for size in self.batch_sizes}
        for _ in range(3):
            for size in self.batch_sizes:
                self.batch_size = size
                start = time.perf_counter()
                self.epoch(samples)
                best[size] = min(best[size], time.perf_counter() - start)
        self.batch_size = min(best, key=best.get)
