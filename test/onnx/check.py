"""Usage: check.py FOLDER

Checks each NAME.onnx of a folder with ONNX's checker, runs it in ONNX Runtime on NAME.input (float32), and writes what it gives to
NAME.all; of the first image alone, to NAME.first.
"""

import sys
from pathlib import Path

import numpy
import onnx
import onnxruntime

options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
for path in sorted(Path(sys.argv[1]).glob("*.onnx")):
    onnx.checker.check_model(onnx.load(path), full_check=True)
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    (taken,) = session.get_inputs()
    values = numpy.fromfile(path.with_suffix(".input"), numpy.float32).reshape(-1, *taken.shape[1:])
    for name, images in (("all", values), ("first", values[:1])):
        (given,) = session.run(None, {taken.name: images})
        given.astype(numpy.float32).tofile(path.with_suffix(f".{name}"))
print(f"onnx {onnx.__version__}, onnxruntime {onnxruntime.__version__}")
