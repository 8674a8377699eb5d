"""PyTorch's program over MPI, started by mpirun on every rank: training as in pytorch.py, but the gradients of a step are copied into one
buffer, which MPI's own all-reduce adds, by mpi4py. Trains only."""

import json
import sys
import time

try:
    import torch
    from mpi4py import MPI
except ImportError as error:
    print(json.dumps({"kind": "missing", "reason": str(error)}), flush=True)
    sys.exit()

from pytorch_epochs import Training
from pytorch_network import build_network, make_data


class MpiTraining(Training):
    """Each rank takes its part of every batch."""

    def __init__(self, job, model, data, world):
        super().__init__(job, model, data, world.rank, world.size)
        self.world = world
        self.parameters = list(model.parameters())
        self.gradients = torch.empty(sum(p.numel() for p in self.parameters))
        self.slices = self.gradients.split([p.numel() for p in self.parameters])

    def reduce_gradients(self):
        torch.cat([p.grad.reshape(-1) for p in self.parameters], out=self.gradients)
        self.add(self.gradients)
        self.gradients.div_(self.processes)
        for parameter, part in zip(self.parameters, self.slices):
            parameter.grad.copy_(part.view(parameter.shape))

    def add(self, tensor):
        self.world.Allreduce(MPI.IN_PLACE, tensor.numpy())


def main(job):
    world = MPI.COMM_WORLD
    torch.manual_seed(1)  # the ranks need the same weights and permutations
    torch.set_num_threads(job["options"]["threads"])
    torch.set_flush_denormal(True)
    channels_last = job["options"]["layout"] == "NHWC"
    data = make_data(job, channels_last)
    work = MpiTraining(job, build_network(job, channels_last), data, world)
    if world.rank == 0:
        version = MPI.Get_library_version().split(",")[0].replace("\n", " ")[:40]
        print(json.dumps({"kind": "ready", "version": torch.__version__, "note": version}), flush=True)
    while True:
        samples = world.bcast(int(sys.stdin.readline() or 0) if world.rank == 0 else None)
        if samples == 0:
            return
        start = time.perf_counter()
        loss = work.epoch(samples)
        if world.rank == 0:
            answer = {"samples": samples, "seconds": time.perf_counter() - start, "loss": loss}
            print(json.dumps(answer), flush=True)


main(json.loads(sys.argv[1]))
