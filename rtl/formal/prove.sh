#!/bin/sh
# Proves the properties in rtl/formal/<module>.svh, which the module includes where FORMAL is defined, with Yosys and z3:
#   prove.sh MODULE STEPS PACKAGE.sv [induction] [cut CELL] [PARAMETER VALUE]...
# For the first STEPS cycles; with "induction" for all time. What comes out of CELL may be anything.
set -eu
module=$1 steps=$2 package=$3
shift 3
induction=
[ "${1:-}" != induction ] || { induction=-i; shift; }
cut=
[ "${1:-}" != cut ] || { cut="cutpoint $module/$2;"; shift 2; }
parameters=
while [ $# -ge 2 ]; do parameters="$parameters -chparam $1 $2"; shift 2; done
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
sources="$package $root/rtl/core/dsode_pkg.sv"
for file in "$root"/rtl/lib/dsode_*.sv "$root"/rtl/core/dsode_*.sv; do
  [ "$(basename "$file")" = dsode_pkg.sv ] || sources="$sources $file"
done
yosys -q -p "read_verilog -sv -formal -I$root/rtl/formal $sources; hierarchy -top $module $parameters; $cut prep -flatten; memory_map
             select -assert-min 1 t:\$assert; opt -full; async2sync; dffunmap; opt_clean; write_smt2 -wires $work/model.smt2"
yosys-smtbmc --noprogress --unroll -s z3 -t "$steps" "$work/model.smt2"
[ -z "$induction" ] || yosys-smtbmc --noprogress --unroll -s z3 -i -t "$steps" "$work/model.smt2"
