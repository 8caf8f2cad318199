#!/usr/bin/env python3
"""Scores of images by the accelerator, on a ZCU104 with PYNQ:

    sudo python3 pynq_example.py dsode.bit runs/acc images.npy

dsode.hwh lies beside dsode.bit; runs/acc is a folder of `dsodenet compile --target zcu104`; images.npy holds u8
[N,H,W,C] or [N,H,W]. A line for each image: its number, the class of the largest score, the scores.
"""
import argparse
import sys
from pathlib import Path

import numpy as np

# src/accel/registers.h
REGISTERS = {"Id": 0x00, "Version": 0x04, "Fingerprint": 0x08, "Control": 0x0C, "Status": 0x10, "Images": 0x14,
             "IrqEnable": 0x18, "IrqStatus": 0x1C, "Errors": 0x20, "Done": 0x24, "Cycles": 0x28, "Multiply": 0x2C,
             "FrontSource": 0x30, "FrontRoom": 0x34, "BackOperand": 0x38, "BackDrain": 0x3C}
MAGIC, VERSION = 0x454F5344, 1
START, LOAD, RESET = 1, 2, 4  # of Control
MODEL_VALID, LOADING = 2, 4   # of Status
ACCELERATOR, DMA = "accelerator", "dma"  # cells of block_design.tcl


class Accelerator:
    """`core` has read(address) and write(address, value), `dma` is PYNQ's; `allocate` makes buffers that it reaches."""

    def __init__(self, core, dma, allocate):
        self.core, self.dma, self.allocate = core, dma, allocate
        if self.read("Id") != MAGIC or self.read("Version") != VERSION:
            raise RuntimeError("this bitstream is not of dsodenet, or of another version")

    def read(self, name):
        return self.core.read(REGISTERS[name])

    def write(self, name, value):
        self.core.write(REGISTERS[name], value)

    def check(self):
        if errors := self.read("Errors"):
            self.write("Errors", errors)
            raise RuntimeError(f"the accelerator found an error: {errors:#x}, a bit of kErrorTexts in registers.h")

    def send(self, words):
        buffer = self.allocate(len(words))
        buffer[:] = words
        self.dma.sendchannel.transfer(buffer)
        self.dma.sendchannel.wait()

    def load(self, model):
        """`model`: the 32-bit words of model.bin."""
        if model[2] != self.read("Fingerprint"):
            raise RuntimeError("the model was compiled for another target than this bitstream")
        self.pixels, self.channels = int(model[3]) & 0xFFFFF, 3 if int(model[3]) >> 24 & 1 else 1
        self.classes = int(model[5])
        self.write("Control", LOAD)
        self.check()
        self.send(model)
        while self.read("Status") & LOADING:
            self.check()
        self.check()
        if not self.read("Status") & MODEL_VALID:
            raise RuntimeError("the accelerator did not take the model")

    def run(self, image):
        """Scores [classes] of one image, u8 [H,W,C]."""
        pixels = np.ascontiguousarray(image, np.uint8).reshape(-1)
        if pixels.size != self.pixels * self.channels:
            raise ValueError(f"an image of {pixels.size} bytes, the model takes {self.pixels * self.channels}")
        words = np.pad(pixels, (0, -pixels.size % 4)).view("<u4")
        scores = self.allocate(self.classes)
        self.dma.recvchannel.transfer(scores)
        self.write("Images", 1)
        self.write("Control", START)
        self.send(words)
        while not self.dma.recvchannel.idle:
            self.check()
        self.check()
        return np.array(scores).view("<i4")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("bitstream")
    parser.add_argument("image", type=Path, help="folder of dsodenet compile")
    parser.add_argument("images", help="u8 [N,H,W,C] as .npy")
    args = parser.parse_args()
    import pynq  # on the board alone

    overlay = pynq.Overlay(args.bitstream)
    accelerator = Accelerator(getattr(overlay, ACCELERATOR), getattr(overlay, DMA),
                              lambda n: pynq.allocate((n,), np.uint32))
    accelerator.load(np.fromfile(args.image / "model.bin", "<u4"))
    for i, image in enumerate(np.load(args.images)):
        scores = accelerator.run(image)
        print(i, int(scores.argmax()), *scores)
    print(accelerator.read("Cycles"), "cycles for the last one", file=sys.stderr)


if __name__ == "__main__":
    main()
