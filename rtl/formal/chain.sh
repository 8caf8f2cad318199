#!/bin/sh
# Proves chain_proof.sv by induction from what chain_element.sh proves. opt_merge makes one chain of those of all lengths,
# so that the sums between its elements are outputs; of the products, which lie in registers, z3 knows what is assumed.
# Registers so merged are the same once they are flushed. Where a product may be 2^14, weight -128, the proof must fail.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for limit in 16384 16385; do
  yosys -q -p "read_verilog -sv -formal -defer ../core/dsode_chain.sv ../core/dsode_chain_dsp.sv ../lib/dsode_delay.sv
               read_verilog -sv -formal -defer ../sim/DSP48E2.sv dot_products.sv chains.sv chain_proof.sv
               hierarchy -top chain_proof -chparam Limit $limit; proc; flatten; opt -fast; select -assert-count 32 t:\$mul
               dffunmap; write_smt2 -wires $work/$limit.smt2"
done
yosys-smtbmc --noprogress --presat -s z3 -t 1 "$work/16384.smt2"
yosys-smtbmc --noprogress --unroll --noincr -s z3 -i -t 1 "$work/16384.smt2"
! yosys-smtbmc --noprogress --unroll --noincr -s z3 -i -t 1 "$work/16385.smt2" > "$work/log"
grep "Temporal induction failed" "$work/log"
