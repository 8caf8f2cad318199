#!/bin/sh
# What fpga/ultrascale_plus.ys makes of dsode_top, as Verilog for simulation: its probes kept, to compare every map inside.
#   netlist.sh NETLIST.v PACKAGE.sv SOURCE.sv...
set -eu
netlist=$1
shift
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/rtl" "$work/bin" "$work/share"
for source; do cp "$source" "$work/rtl/"; done
cp "$root"/fpga/ultrascale_plus*.v "$root"/rtl/netlist/lut_map.v "$root"/rtl/sim/RAM64M8.sv "$work/"
sed -e '/^delete -output/d' -e 's/^flatten$/write_verilog -noattr mapped.v/' -e '/^tee .* ltp /d' \
  "$root/fpga/ultrascale_plus.ys" > "$work/map.ys"
cd "$work"

# Yosys writes bits 44, 53, 62 and 71 of a 72-bit block memory with those 36 below (a slip in its map, until version 0.70 at the
# latest): here its own share folder is beside a copy of it, with the map put right.
yosys=$(readlink -f "$(command -v yosys)")
share=$(dirname "$yosys")/../share/yosys
cp "$yosys" bin/
[ ! -e "$yosys-abc" ] || ln -s "$yosys-abc" bin/
cp -r "$share" share/
sed -i 's/PORT_W_WIDTH == 71/PORT_W_WIDTH == 72/' share/yosys/xilinx/brams_xcu_map.v

sources=
for source; do sources="$sources rtl/$(basename "$source")"; done
bin/yosys -q -s map.ys $sources
# Yosys does not read unknown initial contents back.
sed -i -E '/\.INITP?_[0-9A-F]{2}\(256.hx+\),?$/d' mapped.v
bin/yosys -q -s "$root/rtl/netlist/simplify.ys" > simplify.log 2>&1 || { cat simplify.log >&2; exit 1; }
cd - > /dev/null
cp "$work/netlist.v" "$netlist"
