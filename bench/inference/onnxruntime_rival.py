#!/usr/bin/env python3
"""Median milliseconds a batch of an exported model in ONNX Runtime: onnxruntime_rival.py MODEL BATCH THREADS REPEATS.

At its best: all graph optimisations, its threads kept spinning, input and output bound once.
"""
import statistics
import sys
import time

import numpy
import onnxruntime

WARM_UP = 5

model, batch, threads, repeats = sys.argv[1], *map(int, sys.argv[2:])
options = onnxruntime.SessionOptions()
options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
options.intra_op_num_threads = threads
options.inter_op_num_threads = 1
session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
put, got = session.get_inputs()[0], session.get_outputs()[0]
dtype = {"tensor(uint8)": numpy.uint8, "tensor(float)": numpy.float32}[put.type]
shape = [batch] + put.shape[1:]
images = numpy.random.default_rng(1).integers(0, 256, shape).astype(dtype)
binding = session.io_binding()
binding.bind_cpu_input(put.name, images)
binding.bind_output(got.name)
milliseconds = []
for i in range(WARM_UP + repeats):
    start = time.perf_counter()
    session.run_with_iobinding(binding)
    if i >= WARM_UP:
        milliseconds.append(1000 * (time.perf_counter() - start))
print(statistics.median(milliseconds))
