#!/bin/sh
# The clock of a product array of 2x4 on an iCE40 UP5K, whose eight multipliers it fills: run.sh FOLDER, for its files.
# Debian: apt install yosys nextpnr-ice40
set -eu
here=$(cd "$(dirname "$0")" && pwd)
rtl=$here/../../rtl
mkdir -p "$1"
cd "$1"
yosys -q -l yosys.log -p "synth_ice40 -dsp -top array_pins -json netlist.json" -p "tee -q -o stat.txt stat" \
  "$rtl/lib/dsode_delay.sv" "$rtl/core/dsode_chain.sv" "$rtl/core/dsode_chain_dsp.sv" "$rtl/core/dsode_pw_array.sv" \
  "$here/array_pins.sv"
nextpnr-ice40 -q --up5k --package sg48 --seed "${SEED:-1}" --freq 48 --timing-allow-fail --json netlist.json \
  --asc routed.asc --report report.json -l nextpnr.log
grep -E '^Info:[[:space:]]+ICESTORM_(LC|DSP):' nextpnr.log
grep 'Max frequency' nextpnr.log | tail -1
