"""Usage: pytorch.py export FOLDER | pytorch.py check FOLDER

export: writes a network with random weights by each exporter that this PyTorch has, FOLDER/HOW.onnx and images and logits beside it.
check: gives each FOLDER/HOW.trained.safetensors to the network, and writes what PyTorch makes of the images to FOLDER/HOW.trained.
"""

import json, struct, sys
from importlib.util import find_spec
from pathlib import Path

import numpy, torch

sys.path.insert(0, str(Path(__file__).parent.parent / "references"))
from onnx_models import ResNet, is_new, randomize

command, folder = sys.argv[1], Path(sys.argv[2])
torch.set_num_threads(1)
torch.manual_seed(1)
model = randomize(ResNet(4, (1, 1), 6))
images = torch.rand(8, 3, 16, 16)


def state_of(path):
    """As safetensors.torch.load_file, by the format's description."""
    data = path.read_bytes()
    begin = 8 + struct.unpack("<Q", data[:8])[0]
    state = {}
    for name, entry in json.loads(data[8:begin]).items():
        if name == "__metadata__":
            continue
        first, end = entry["data_offsets"]
        values = numpy.frombuffer(data[begin + first : begin + end], numpy.float32)
        state[name] = torch.from_numpy(values.reshape(entry["shape"]).copy())
    return state


def logits():
    with torch.no_grad():
        return model(images).numpy()


if command == "export":
    images.numpy().tofile(folder / "images")
    logits().tofile(folder / "logits")
    # Otherwise both exporters fold batch norms: TorchScript's by its constants, the other one by optimize.
    keep = {"training": torch.onnx.TrainingMode.PRESERVE, "do_constant_folding": False}
    old = {"dynamo": False} if is_new else {}
    torch.onnx.export(model, (images,), str(folder / "script.onnx"), opset_version=16, **keep, **old)
    if is_new and find_spec("onnxscript"):
        torch.onnx.export(model, (images,), str(folder / "dynamo.onnx"), verbose=False, dynamo=True, optimize=False)
else:
    for path in sorted(folder.glob("*.trained.safetensors")):
        missing = model.load_state_dict(state_of(path), strict=False)
        left = [name for name in missing.missing_keys if not name.endswith("num_batches_tracked")]
        assert not left and not missing.unexpected_keys, f"{left} {missing.unexpected_keys}"
        logits().tofile(path.with_suffix(""))
print(f"torch {torch.__version__}")
