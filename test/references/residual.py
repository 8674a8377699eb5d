#!/usr/bin/env python3
"""Write a small reference of batch norm, a residual sum, SGD and Adam: what PyTorch computes, in float64, in 20 steps.

usage: residual.py OUT_DIR     (Debian's python3-torch and python3-numpy)

Five steps an epoch, in the samples' order; the last has 8 samples, the others 12. Names as in a lockstep run's files.
"""
import copy, json, sys
import numpy as np, torch
import torch.nn as nn, torch.nn.functional as F
from generate import BATCH, conv, dense, of, save

SAMPLES, EPOCHS, SHAPE = 56, 4, [3, 8, 8]
LAYERS = [conv(6, 3, padding=1), of("batchNorm"), of("relu", name="stem"),
          conv(6, 3, padding=1), of("batchNorm", momentum=0.3), of("tanh"), conv(6, 3, padding=1), of("batchNorm", name="body"),
          conv(6, 1, name="shortcut", inputs=["stem"]), of("add", inputs=["body", "shortcut"]), of("relu"),
          of("averagePool", window=2), of("flatten"), dense(10), of("batchNorm", epsilon=1e-3), of("silu"), dense(5)]
OPTIMIZERS = {"sgd": lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9, weight_decay=1e-3),
              "adam": lambda p: torch.optim.Adam(p, lr=0.01, eps=1e-3)}


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.conv2, self.conv3 = nn.Conv2d(3, 6, 3, padding=1), nn.Conv2d(6, 6, 3, padding=1), nn.Conv2d(6, 6, 3, padding=1)
        self.shortcut = nn.Conv2d(6, 6, 1)
        self.bn1, self.bn2, self.body = nn.BatchNorm2d(6), nn.BatchNorm2d(6, momentum=0.3), nn.BatchNorm2d(6)
        self.fc1, self.bn4, self.fc2 = nn.Linear(96, 10), nn.BatchNorm1d(10, eps=1e-3), nn.Linear(10, 5)

    def forward(self, x):
        stem = F.relu(self.bn1(self.conv1(x)))
        body = self.body(self.conv3(torch.tanh(self.bn2(self.conv2(stem)))))
        x = F.avg_pool2d(F.relu(body + self.shortcut(stem)), 2).flatten(1)
        return self.fc2(F.silu(self.bn4(self.fc1(x))))


def write(name, network, layers, out_dir, batch_norms):
    torch.manual_seed(21)
    model, reference = network(), name
    for name, p in model.named_parameters():
        nn.init.normal_(p, 1.0 if name.startswith(batch_norms) and name.endswith("weight") else 0, 0.3)
    model.double()
    for p in model.parameters():
        p.data = p.data.float().double()          # exact in float32
    x = (torch.randn(SAMPLES, *SHAPE) + 0.5).float().double()
    y = torch.randint(0, 5, (SAMPLES,))
    f32 = lambda t: t.detach().numpy().astype(np.float32)
    tensors = {"inputs": f32(x), "labels": y.numpy().astype(np.int32)} | {f"init.{n}": f32(p) for n, p in model.named_parameters()}
    for name, make in OPTIMIZERS.items():
        own = copy.deepcopy(model)
        optimizer = make(own.parameters())
        losses = []
        for first in [i for _ in range(EPOCHS) for i in range(0, SAMPLES, BATCH)]:
            rows = slice(first, min(first + BATCH, SAMPLES))
            loss = F.cross_entropy(own(x[rows]), y[rows])
            optimizer.zero_grad()
            loss.backward()
            losses.append(loss.item())
            optimizer.step()
        own.eval()
        tensors |= {f"{name}.{n}": f32(t) for n, t in own.state_dict().items() if not n.endswith("num_batches_tracked")}
        tensors[f"{name}.losses"] = np.array(losses, dtype=np.float32)
        tensors[f"{name}.evaluation"] = f32(F.cross_entropy(own(x), y)).reshape(1)
        print(name, losses[0], losses[-1])
    save(f"{out_dir}/{reference}.safetensors", tensors, {"batch": str(BATCH), "epochs": str(EPOCHS), "layers": json.dumps(layers)})


if __name__ == "__main__":
    write("residual", Net, LAYERS, sys.argv[1], ("bn", "body"))
