#!/bin/sh
# Proves dsp48e2_proof.sv by induction. opt_merge makes one of what is the same on both sides, which is all up to the register
# of the product: no solver has to compare multipliers. Registers so merged are the same once they are flushed. Yosys's
# model begins with zeros, which hardware need not: that is taken away.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
yosys -q -p "read_verilog -defer +/xilinx/cells_sim.v
             read_verilog -sv -formal -defer ../sim/DSP48E2.sv ../lib/dsode_delay.sv dsp48e2_proof.sv
             hierarchy -top dsp48e2_proof; proc; flatten; setattr -unset init w:u_dsp48e1.*; opt -full
             select -assert-count 1 t:\$mul; dffunmap; write_smt2 -wires $work/model.smt2"
yosys-smtbmc --noprogress --presat -s z3 -t 1 "$work/model.smt2"
yosys-smtbmc --noprogress --unroll --noincr -s z3 -i -t 1 "$work/model.smt2"
