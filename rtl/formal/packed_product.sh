#!/bin/sh
# Proves that packed_product is the product: of all 256 operands, 16 at a time.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for first in $(seq 0 16 240); do
  yosys -q -p "read_verilog -sv -formal -defer packed_product.v packed_product_proof.sv
               hierarchy -top packed_product_proof -chparam First $first; proc; flatten; opt -full
               select -assert-count 16 t:\$assert; write_smt2 $work/model.smt2"
  yosys-smtbmc --noprogress --unroll --noincr -s z3 -t 1 "$work/model.smt2"
done
