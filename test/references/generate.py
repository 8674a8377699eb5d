#!/usr/bin/env python3
"""Write small references: what PyTorch computes, in float64, for a small sister of each of the three models, and 100 steps of Adam and AdamW.

usage: generate.py OUT_DIR     (Debian's python3-torch and python3-numpy)

One safetensors file a network; tensors and metadata are named as in the large fixtures. The network itself is
in the metadata, as the layers of a lockstep config.
"""
import json, struct, sys
import numpy as np, torch
import torch.nn as nn, torch.nn.functional as F

SAMPLES, BATCH, STEPS = 36, 12, 3      # 12 is no multiple of 8: every batch has a shard that is not full


def conv(out, kernel, **rest): return {"type": "conv2d", "outChannels": out, "kernelSize": kernel, **rest}
def dense(out): return {"type": "dense", "outFeatures": out}
def of(kind, **rest): return {"type": kind, **rest}


NETWORKS = {
    "perceptron": ([24], [dense(7), of("sigmoid"), dense(5)], dict(lr=0.3, momentum=0.0, weight_decay=0.0, nesterov=False)),
    "lenet5": ([3, 14, 14], [conv(3, 5), of("sigmoid"), of("maxPool", window=2), conv(5, 2), of("tanh"), of("averagePool", window=2),
                             of("flatten"), dense(9), of("relu"), dense(5)], dict(lr=0.1, momentum=0.9, weight_decay=0.0, nesterov=True)),
    "improved": ([3, 12, 12], [conv(4, 3, padding=1), of("silu"), of("maxPool", window=2), conv(6, 3, stride=2), of("silu"),
                               of("zeroPad", right=1, bottom=1), of("maxPool", window=2, stride=1), of("flatten"), dense(6), of("silu"),
                               dense(5)], dict(lr=0.05, momentum=0.9, weight_decay=5e-4, nesterov=False)),
}
FUNCTIONS = {"sigmoid": torch.sigmoid, "tanh": torch.tanh, "relu": F.relu, "silu": F.silu}


class Net(nn.Module):
    def __init__(self, shape, layers):
        super().__init__()
        self.layers, self.names = layers, []
        counts, x = {"conv2d": 0, "dense": 0}, torch.zeros(1, *shape)
        for layer in layers:
            kind, name = layer["type"], None
            if kind in counts:
                counts[kind] += 1
                name = f"{'conv' if kind == 'conv2d' else 'fc'}{counts[kind]}"
                module = (nn.Linear(x.shape[1], layer["outFeatures"]) if kind == "dense" else
                          nn.Conv2d(x.shape[1], layer["outChannels"], layer["kernelSize"], layer.get("stride", 1), layer.get("padding", 0)))
                self.add_module(name, module)
            self.names.append(name)
            x = self.step(layer, name, x)

    def step(self, layer, name, x):
        kind = layer["type"]
        if name: return getattr(self, name)(x)
        if kind in FUNCTIONS: return FUNCTIONS[kind](x)
        if kind == "maxPool": return F.max_pool2d(x, layer["window"], layer.get("stride"))
        if kind == "averagePool": return F.avg_pool2d(x, layer["window"], layer.get("stride"))
        if kind == "zeroPad": return F.pad(x, (0, layer["right"], 0, layer["bottom"]))
        return x.flatten(1)

    def forward(self, x):
        for layer, name in zip(self.layers, self.names):
            x = self.step(layer, name, x)
        return x


def save(path, tensors, metadata):
    header, blobs, at = {"__metadata__": metadata}, [], 0
    for name, value in tensors.items():
        data = np.ascontiguousarray(value)
        header[name] = {"dtype": {"float32": "F32", "int32": "I32"}[str(data.dtype)], "shape": list(data.shape),
                        "data_offsets": [at, at + data.nbytes]}
        blobs.append(data.tobytes())
        at += data.nbytes
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as out:
        out.write(struct.pack("<Q", len(text)) + text + b"".join(blobs))


def reference(name, out_dir):
    shape, layers, options = NETWORKS[name]
    torch.manual_seed(11)
    model = Net(shape, layers)
    for p in model.parameters():
        nn.init.normal_(p, 0, 0.4)
    model.double()
    for p in model.parameters():
        p.data = p.data.float().double()          # exact in float32
    x = torch.randn(SAMPLES, *shape).float().double()
    y = torch.randint(0, 5, (SAMPLES,))
    f32 = lambda t: t.detach().numpy().astype(np.float32)
    tensors = {"inputs": f32(x), "labels": y.numpy().astype(np.int32)} | {f"init.{n}": f32(p) for n, p in model.named_parameters()}
    optimizer = torch.optim.SGD(model.parameters(), **options)
    losses = []
    for step in range(STEPS):
        rows = slice(step * BATCH, (step + 1) * BATCH)
        logits = model(x[rows])
        loss = F.cross_entropy(logits, y[rows])
        optimizer.zero_grad()
        loss.backward()
        losses.append(loss.item())
        if step == 0:
            tensors["logits"] = f32(logits)
            tensors |= {f"grad.{n}": f32(p.grad) for n, p in model.named_parameters()}
        optimizer.step()
        if step in (0, STEPS - 1):
            tensors |= {f"step{step + 1}.{n}": f32(p) for n, p in model.named_parameters()}
    tensors["losses"] = np.array(losses, dtype=np.float32)
    save(f"{out_dir}/{name}.safetensors", tensors,
         {k: str(v) for k, v in options.items()} | {"batch": str(BATCH), "layers": json.dumps(layers)})
    print(name, losses)


OPTIMIZERS = {
    "adam": (torch.optim.Adam, dict(lr=0.01, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.02)),
    "adamw": (torch.optim.AdamW, dict(lr=0.02, betas=(0.4, 0.99), eps=1e-6, weight_decay=0.1)),   # beta1 below 0.5: lerp's other form
}
OPTIMIZER_STEPS = 100


def optimizer_reference(name, out_dir):
    """The perceptron's sister, its three batches in turn: parameters and moments after the last step."""
    shape, layers, _ = NETWORKS["perceptron"]
    kind, options = OPTIMIZERS[name]
    torch.manual_seed(13)
    model = Net(shape, layers)
    for p in model.parameters():
        nn.init.normal_(p, 0, 0.4)
    model.double()
    for p in model.parameters():
        p.data = p.data.float().double()
    x = torch.randn(SAMPLES, *shape).float().double()
    y = torch.randint(0, 5, (SAMPLES,))
    f32 = lambda t: t.detach().numpy().astype(np.float32)
    tensors = {"inputs": f32(x), "labels": y.numpy().astype(np.int32)} | {f"init.{n}": f32(p) for n, p in model.named_parameters()}
    optimizer = kind(model.parameters(), **options)
    for step in range(OPTIMIZER_STEPS):
        begin = step * BATCH % SAMPLES
        loss = F.cross_entropy(model(x[begin:begin + BATCH]), y[begin:begin + BATCH])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    for n, p in model.named_parameters():
        state = optimizer.state[p]
        tensors |= {f"last.{n}": f32(p), f"firstMoment.{n}": f32(state["exp_avg"]), f"secondMoment.{n}": f32(state["exp_avg_sq"])}
    config = {"type": name, "learningRate": options["lr"], "beta1": options["betas"][0], "beta2": options["betas"][1],
              "epsilon": options["eps"], "weightDecay": options["weight_decay"]}
    save(f"{out_dir}/{name}.safetensors", tensors, {"optimizer": json.dumps(config), "batch": str(BATCH), "steps": str(OPTIMIZER_STEPS),
                                                    "layers": json.dumps(layers)})
    print(name, loss.item())


def loss_reference(out_dir):
    """Losses and gradients of 16 samples at once: class weights, label smoothing, and labels mixed two by two."""
    torch.manual_seed(12)
    samples, classes, smoothing = 16, 7, 0.15
    logits = (3 * torch.randn(samples, classes)).float().double().requires_grad_()
    labels, partners = torch.randint(0, classes, (2, samples))
    shares = torch.rand(samples).float().double()
    shares[:4] = 1
    weights = torch.tensor([1, 0.5, 2, 0, 3, 0.25, 1.5]).double()
    loss = lambda y: F.cross_entropy(logits, y, weight=weights, label_smoothing=smoothing, reduction="none")
    losses = shares * loss(labels) + (1 - shares) * loss(partners)
    losses.sum().backward()
    f32, i32 = (lambda t: t.detach().numpy().astype(np.float32)), (lambda t: t.numpy().astype(np.int32))
    tensors = {"logits": f32(logits), "labels": i32(labels), "partners": i32(partners), "shares": f32(shares), "weights": f32(weights),
               "losses": f32(losses), "gradient": f32(logits.grad)}
    tensors["mean"] = f32(F.cross_entropy(logits, labels, weight=weights, label_smoothing=smoothing)).reshape(1)
    save(f"{out_dir}/loss.safetensors", tensors, {"smoothing": str(smoothing)})


if __name__ == "__main__":
    loss_reference(sys.argv[1])
    for network in NETWORKS:
        reference(network, sys.argv[1])
    for optimizer in OPTIMIZERS:
        optimizer_reference(optimizer, sys.argv[1])
