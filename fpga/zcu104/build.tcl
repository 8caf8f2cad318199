# Builds a bitstream for the ZCU104, in Vivado 2022.2 or later:
#
#     vivado -mode batch -source fpga/zcu104/build.tcl -tclargs TARGET PACKAGE OUT [JOBS]
#
# TARGET is zcu104 or zcu104-1024, or another folder of fpga/ that fits the device; PACKAGE is its dsode_cfg_pkg.sv, which
# `dsodenet compile --target TARGET` writes into every accelerator image; OUT gets dsode.bit and dsode.hwh, side by side as
# PYNQ wants them, dsode.xsa for PetaLinux, and the reports. It fails where timing is not met.
# There are no constraints to write: every pin is the processor's, and the clock comes from it.

set here [file dirname [file normalize [info script]]]
set root [file dirname [file dirname $here]]
source [file join $here package_ip.tcl]
source [file join $here block_design.tcl]

# Of a flat TOML file.
proc read_number {path key} {
  set file [open $path]
  set text [read $file]
  close $file
  if {![regexp -line "^$key *= *(\\d+) *$" $text ignored value]} { error "$path: no $key" }
  return $value
}

proc require_version {} {
  if {[package vcompare [regexp -inline {\d+\.\d+} [version -short]] 2022.2] < 0} {
    error "build.tcl: Vivado [version -short] is too old: 2022.2 or later"
  }
}

proc find_board {} {
  set boards [get_board_parts -quiet -latest_file_version *:zcu104:part0:*]
  if {[llength $boards] == 0} { error "build.tcl: Vivado has no board files of the ZCU104: add them to its installation" }
  return [lindex $boards 0]
}

proc run_to_end {run args} {
  launch_runs $run {*}$args
  wait_on_run $run
  if {[get_property PROGRESS [get_runs $run]] ne "100%"} {
    error "build.tcl: $run: [get_property STATUS [get_runs $run]]"
  }
}

proc implement {out jobs} {
  run_to_end synth_1 -jobs $jobs
  run_to_end impl_1 -to_step write_bitstream -jobs $jobs
  open_run impl_1
  report_utilization -file [file join $out utilization.rpt]
  report_utilization -hierarchical -hierarchical_depth 6 -file [file join $out utilization_hierarchical.rpt]
  report_timing_summary -file [file join $out timing.rpt]
  report_power -file [file join $out power.rpt]
  foreach slack {WNS WHS} {
    set value [get_property STATS.$slack [get_runs impl_1]]
    puts "build.tcl: $slack $value ns"
    if {$value < 0} {
      error "build.tcl: timing is not met, see $out/timing.rpt: lower clock_mhz in the target (models stay valid)"
    }
  }
}

proc hand_over {project out} {
  file copy -force [file join $project dsode.runs impl_1 dsode_system_wrapper.bit] [file join $out dsode.bit]
  file copy -force [file join $project dsode.gen sources_1 bd dsode_system hw_handoff dsode_system.hwh] \
    [file join $out dsode.hwh]
  write_hw_platform -fixed -include_bit -force -file [file join $out dsode.xsa]
}

proc build {root target package out jobs} {
  require_version
  set clock_mhz [read_number [file join $root fpga $target target.toml] clock_mhz]
  set part xczu7ev-ffvc1156-2-e
  set project [file join $out project]
  file mkdir $out
  package_dsode $root $package $part [file join $out ip] [file join $out ip_project]
  create_project -force dsode $project -part $part
  set_property board_part [find_board] [current_project]
  set_property ip_repo_paths [file join $out ip] [current_project]
  update_ip_catalog
  create_dsode_design $clock_mhz
  add_files -norecurse [make_wrapper -files [get_files dsode_system.bd] -top]
  set_property top dsode_system_wrapper [current_fileset]
  update_compile_order -fileset sources_1
  implement $out $jobs
  hand_over $project $out
  puts "build.tcl: $out/dsode.bit, dsode.hwh and dsode.xsa are there"
}

if {[llength $argv] < 3 || [llength $argv] > 4} {
  error "usage: vivado -mode batch -source build.tcl -tclargs TARGET PACKAGE OUT \[JOBS\]"
}
lassign $argv target package out jobs
if {$jobs eq ""} { set jobs 4 }
build $root $target [file normalize $package] [file normalize $out] $jobs
