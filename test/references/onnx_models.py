#!/usr/bin/env python3
"""Write small networks as ONNX files by PyTorch's exporters, each with images and what PyTorch makes of them.

usage: onnx_models.py OUT_DIR [NAME ...]

With PyTorch 2.6 or newer (and onnx, onnxscript): NAME-dynamo.onnx, by torch.export, opset 23, with the tensors in the file; and
NAME-script.onnx, by TorchScript, opset 17. With an older one: NAME-old.onnx, by TorchScript, opset 11.
Beside each NAME-HOW.onnx lies NAME-HOW.safetensors: images [2, 3, height, width] and logits [2, classes].
What exporters write of the machine (paths, stack traces) is taken off.
"""

import json, struct, sys
from pathlib import Path

import torch
import torch.nn as nn


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.downsample = None
        if stride != 1 or inputs != outputs:
            self.downsample = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        y = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))
        return self.relu(y + (x if self.downsample is None else self.downsample(x)))


class ResNet(nn.Module):
    """torchvision's ResNet of basic blocks, with its names."""

    def __init__(self, width, blocks, classes):
        super().__init__()
        self.conv1 = nn.Conv2d(3, width, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, 2, 1)
        inputs = width
        for i, count in enumerate(blocks):
            outputs = width << i
            layers = [Block(inputs if j == 0 else outputs, outputs, 2 if i > 0 and j == 0 else 1) for j in range(count)]
            setattr(self, f"layer{i + 1}", nn.Sequential(*layers))
            inputs = outputs
        self.stages = len(blocks)
        self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
        self.fc = nn.Linear(inputs, classes)

    def forward(self, x):
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        for i in range(self.stages):
            x = getattr(self, f"layer{i + 1}")(x)
        return self.fc(torch.flatten(self.avgpool(x), 1))


def conv_norm(inputs, outputs, size, stride, groups, activation):
    conv = nn.Conv2d(inputs, outputs, size, stride, size // 2, groups=groups, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(outputs), activation())


class InvertedResidual(nn.Module):
    def __init__(self, inputs, outputs, stride, activation):
        super().__init__()
        self.adds = stride == 1 and inputs == outputs
        self.conv = nn.Sequential(
            conv_norm(inputs, 2 * inputs, 1, 1, 1, activation),
            conv_norm(2 * inputs, 2 * inputs, 3, stride, 2 * inputs, activation),
            nn.Conv2d(2 * inputs, outputs, 1, bias=False),
            nn.BatchNorm2d(outputs),
        )

    def forward(self, x):
        return x + self.conv(x) if self.adds else self.conv(x)


class MobileNet(nn.Module):
    """Depthwise separable blocks, as MobileNetV2's."""

    def __init__(self, activation):
        super().__init__()
        blocks = [InvertedResidual(4, 4, 1, activation), InvertedResidual(4, 6, 2, activation)]
        self.features = nn.Sequential(conv_norm(3, 4, 3, 2, 1, activation), *blocks)
        self.classifier = nn.Sequential(nn.Dropout(0.2), nn.Linear(6, 5))

    def forward(self, x):
        return self.classifier(self.features(x).mean([2, 3]))


class Activations(nn.Module):
    """Each activation behind a convolution; the last layer without a bias."""

    def __init__(self):
        super().__init__()
        self.activations = nn.ModuleList(
            [nn.SiLU(), nn.GELU(), nn.Hardswish(), nn.LeakyReLU(0.1), nn.ELU(0.5), nn.PReLU(), nn.PReLU(3)]
            + [nn.Sigmoid(), nn.Tanh(), nn.ReLU6(), nn.ReLU()]
        )
        self.convs = nn.ModuleList([nn.Conv2d(3, 3, 3, padding=1) for _ in self.activations])
        self.fc = nn.Linear(3, 5, bias=False)

    def forward(self, x):
        for conv, activation in zip(self.convs, self.activations):
            x = activation(conv(x))
        return self.fc(x.mean((2, 3)))


class Norms(nn.Module):
    """Norms of groups, instances and layers, padding that is not even, a join, an average pool."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 4, 3, padding=2, dilation=2)
        self.gn1 = nn.GroupNorm(2, 4)
        self.gn2 = nn.GroupNorm(1, 4, affine=False)
        self.instance = nn.InstanceNorm2d(4, affine=True)
        self.ln1 = nn.LayerNorm([4, 9, 8])
        self.pad = nn.ZeroPad2d((1, 2, 0, 3))
        self.conv2 = nn.Conv2d(4, 3, (2, 4))
        self.pool = nn.AvgPool2d(3, 2, 1)
        self.fc1 = nn.Linear(6 * 6 * 4, 6)
        self.bn = nn.BatchNorm1d(6)
        self.ln2 = nn.LayerNorm(6)
        self.fc2 = nn.Linear(6, 4)

    def forward(self, x):
        x = self.ln1(self.instance(self.gn2(self.gn1(self.conv1(x)))))
        x = self.pool(self.conv2(self.pad(x)))
        x = torch.cat([x, torch.tanh(x)], 1)
        return self.fc2(self.ln2(self.bn(self.fc1(x.view(x.size(0), -1)))))


class Pixels(nn.Module):
    """From bytes to probabilities."""

    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Conv2d(3, 4, 5, 2), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(36, 5))
        self.register_buffer("mean", torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1))

    def forward(self, x):
        return torch.softmax(self.net((x / 255 - self.mean) / self.std), 1)


networks = {
    "resnet": (lambda: ResNet(3, (1, 1, 1), 5), (24, 20)),
    "mobile": (lambda: MobileNet(nn.ReLU6), (16, 16)),
    "activations": (Activations, (6, 5)),
    "norms": (Norms, (9, 8)),
    "pixels": (Pixels, (16, 16)),
}


def randomize(model):
    """Norms that do something: else theirs would be a scale of 1 and a shift of 0."""
    for module in model.modules():
        if getattr(module, "running_mean", None) is not None:
            module.running_mean.normal_(0, 0.3)
            module.running_var.uniform_(0.5, 2)
        if "Norm" in type(module).__name__ and getattr(module, "weight", None) is not None:
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.normal_(module.bias, 0, 0.2)
    return model.eval()


is_new = hasattr(torch.onnx, "ONNXProgram")
ways = {"dynamo": 23, "script": 17} if is_new else {"old": 11}


def export(model, images, path, how, opset):
    if how == "dynamo":
        shapes = ({0: torch.export.Dim("batch")},)
        options = {"dynamo": True, "external_data": False, "dynamic_shapes": shapes, "verbose": False}
    else:
        names = {"input_names": ["image"], "output_names": ["logits"], "dynamic_axes": {"image": {0: "n"}, "logits": {0: "n"}}}
        options = {**names, **({"dynamo": False} if is_new else {})}
    torch.onnx.export(model, (images,), str(path), opset_version=opset, **options)
    if is_new:
        without_places(path)


def without_places(path):
    import onnx

    model = onnx.load(path)
    del model.graph.metadata_props[:]
    del model.graph.value_info[:]
    for node in model.graph.node:
        del node.metadata_props[:]
        node.ClearField("doc_string")
    for value in [*model.graph.input, *model.graph.output, *model.graph.initializer]:
        del value.metadata_props[:]
    onnx.save(model, path)


def save(path, tensors):
    """A safetensors file: https://huggingface.co/docs/safetensors"""
    header, data = {}, b""
    for name, tensor in tensors.items():
        values = tensor.detach().contiguous().numpy().astype("<f4").tobytes()
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [len(data), len(data) + len(values)]}
        data += values
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name in sys.argv[2:] or networks:
        build, (height, width) = networks[name]
        torch.manual_seed(1)
        model = randomize(build())
        images = torch.rand(2, 3, height, width)
        if name == "pixels":
            images = torch.floor(images * 256)
        for how, opset in ways.items():
            path = folder / f"{name}-{how}.onnx"
            export(model, images, path, how, opset)
            with torch.no_grad():
                save(path.with_suffix(".safetensors"), {"images": images, "logits": model(images)})
    print(f"torch {torch.__version__}")
