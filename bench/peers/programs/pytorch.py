"""PyTorch's program: reads a job (see ../job.ts), then trains or evaluates as many samples as each line of its input says.

With `processes` of 2 it starts a second one, and both share each batch by DistributedDataParallel over gloo.
"""

import json
import os
import subprocess
import sys
import tempfile
import time

try:
    import torch
    import torch.distributed as dist
    from torch.nn.parallel import DistributedDataParallel
except ImportError as error:
    print(json.dumps({"kind": "missing", "reason": str(error)}), flush=True)
    sys.exit()

from pytorch_epochs import Evaluation, Training
from pytorch_network import build_network, make_data


def main(job, rank=0, store=None):
    options = job["options"]
    processes = options.get("processes", 1)
    torch.manual_seed(1)  # the ranks need the same permutations
    torch.set_num_threads(options["threads"])
    torch.set_flush_denormal(True)
    channels_last = options["layout"] == "NHWC"
    data = make_data(job, channels_last)
    model = build_network(job, channels_last)
    if processes > 1:
        dist.init_process_group("gloo", init_method=f"file://{store}", rank=rank, world_size=processes)
    if job["training"]:
        if processes > 1:
            model = DistributedDataParallel(model, gradient_as_bucket_view=True, static_graph=True)
        work = Training(job, model, data, rank, processes)
    else:
        work = Evaluation(model, data, rank, processes)
        work.choose_batch_size()
    if rank == 0:
        ready = {"kind": "ready", "version": torch.__version__}
        if not job["training"]:
            ready["note"] = f"batch {work.batch_size}"
        print(json.dumps(ready), flush=True)
    for samples in requests(rank, processes):
        start = time.perf_counter()
        loss = work.epoch(samples)
        if rank == 0:
            answer = {"samples": samples, "seconds": time.perf_counter() - start, "loss": loss}
            print(json.dumps(answer), flush=True)


def requests(rank, processes):
    """The numbers of samples that rank 0 reads, on every rank; until the input ends."""
    request = torch.zeros((), dtype=torch.int64)
    while True:
        if rank == 0:
            request.fill_(int(sys.stdin.readline() or 0))
        if processes > 1:
            dist.broadcast(request, 0)
        if request == 0:
            return
        yield request.item()


def main_with_peers(text):
    """Rank 0, which starts the others."""
    with tempfile.TemporaryDirectory() as folder:
        store = os.path.join(folder, "store")
        # All ranks are on this machine, whose name need not have an address.
        os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")
        ranks = range(1, json.loads(text)["options"]["processes"])
        command = [sys.executable, __file__, text]
        peers = [subprocess.Popen([*command, str(r), store], stdin=subprocess.DEVNULL) for r in ranks]
        try:
            main(json.loads(text), 0, store)
            for peer in peers:
                peer.wait()
        finally:
            for peer in peers:
                peer.kill()


if len(sys.argv) > 2:
    main(json.loads(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
elif json.loads(sys.argv[1])["options"].get("processes", 1) > 1:
    main_with_peers(sys.argv[1])
else:
    main(json.loads(sys.argv[1]))
