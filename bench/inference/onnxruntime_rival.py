#!/usr/bin/env python3
"""Median milliseconds a batch of an exported model in ONNX Runtime: MODEL fp32|int8 BATCH THREADS REPEATS.

At its best: all graph optimisations, its threads kept spinning, input and output bound once. For int8 its own
tool quantises the model, of all variants the one that is fastest: QDQ, u8 activations, s8 weights per channel.
"""
import logging
import statistics
import sys
import time

import numpy
import onnxruntime

WARM_UP = 5
CALIBRATION_BATCHES, CALIBRATION_IMAGES = 4, 8

random = numpy.random.default_rng(1)


def open_session(model, threads):
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def random_images(put, batch):
    dtype = {"tensor(uint8)": numpy.uint8, "tensor(float)": numpy.float32}[put.type]
    return random.integers(0, 256, [batch] + put.shape[1:]).astype(dtype)


def quantized(model):
    from onnxruntime import quantization
    from onnxruntime.quantization.shape_inference import quant_pre_process

    quant_pre_process(model, "prepared.onnx", skip_symbolic_shape=True)
    put = open_session(model, 1).get_inputs()[0]

    class Reader(quantization.CalibrationDataReader):
        batches = iter([{put.name: random_images(put, CALIBRATION_IMAGES)} for _ in range(CALIBRATION_BATCHES)])

        def get_next(self):
            return next(self.batches, None)

    quantization.quantize_static("prepared.onnx", "int8.onnx", Reader(),
                                 quant_format=quantization.QuantFormat.QDQ,
                                 activation_type=quantization.QuantType.QUInt8,
                                 weight_type=quantization.QuantType.QInt8, per_channel=True)
    return "int8.onnx"


logging.disable(logging.WARNING)  # of the quantiser: constants that have no channels
model, precision, batch, threads, repeats = *sys.argv[1:3], *map(int, sys.argv[3:])
session = open_session(quantized(model) if precision == "int8" else model, threads)
put, got = session.get_inputs()[0], session.get_outputs()[0]
binding = session.io_binding()
binding.bind_cpu_input(put.name, random_images(put, batch))
binding.bind_output(got.name)
milliseconds = []
for i in range(WARM_UP + repeats):
    start = time.perf_counter()
    session.run_with_iobinding(binding)
    if i >= WARM_UP:
        milliseconds.append(1000 * (time.perf_counter() - start))
print(statistics.median(milliseconds))
