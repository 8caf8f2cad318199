#!/bin/sh
# Proves chain_element_proof.sv, with packed_product in the place of the multipliers: all forms then have the same products,
# and z3 need not find out that multipliers of different widths do the same. packed_product.sh proves that they do.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
yosys -q -p "read_verilog -sv -formal -defer ../core/dsode_chain.sv ../core/dsode_chain_dsp.sv ../lib/dsode_delay.sv
             read_verilog -sv -formal -defer ../sim/DSP48E2.sv dot_products.sv chains.sv chain_element_proof.sv
             hierarchy -top chain_element_proof; proc; flatten; opt -full
             techmap -map packed_product_map.v -map packed_product.v; select -assert-count 2 t:\$anyseq
             opt -full; dffunmap; write_smt2 -wires $work/model.smt2"
yosys-smtbmc --noprogress --presat --unroll --noincr -s z3 -t 5 "$work/model.smt2"
