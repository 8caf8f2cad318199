# Stands in for Vivado under tclsh: knows the commands that fpga/zcu104/*.tcl call and their options, prints each call as one
# line of words with tabs between, and answers the few whose results matter. What it does not know is an error.
#
#     tclsh vivado_stub.tcl WNS SCRIPT ARGUMENT...

array set options {
  create_project {-force -part} close_project {} add_files {-norecurse} update_compile_order {-fileset}
  set_property {-dict} get_property {} current_project {} current_fileset {} update_ip_catalog {} version {-short}
  get_board_parts {-quiet -latest_file_version} make_wrapper {-files -top} get_files {}
  launch_runs {-jobs -to_step} wait_on_run {} get_runs {} open_run {}
  report_utilization {-file -hierarchical -hierarchical_depth} report_timing_summary {-file} report_power {-file}
  write_hw_platform {-fixed -include_bit -force -file}
  ipx::package_project {-root_dir -vendor -library -taxonomy -import_files -force} ipx::current_core {}
  ipx::get_bus_interfaces {-of_objects} ipx::create_xgui_files {} ipx::update_checksums {} ipx::save_core {}
  create_bd_design {} create_bd_cell {-type -vlnv} apply_bd_automation {-rule -config} connect_bd_intf_net {}
  connect_bd_net {} get_bd_pins {} get_bd_intf_pins {} get_bd_addr_spaces {} get_bd_addr_segs {-of_objects -quiet}
  assign_bd_address {-offset -range -target_address_space} exclude_bd_addr_seg {-target_address_space}
  validate_bd_design {} save_bd_design {}
}

proc answer {name words} {
  global wns
  set last [lindex $words end]
  switch -glob $name {
    version { return 2022.2 }
    get_board_parts { return xilinx.com:zcu104:part0:1.1 }
    get_property {
      switch [lindex $words 0] {
        PROGRESS { return 100% }
        STATS.WNS { return $wns }
        STATS.WHS { return 0.01 }
      }
    }
    make_wrapper { return dsode_system_wrapper.v }
    ipx::get_bus_interfaces { return [lindex $words 0] }
    get_bd_* - get_runs - get_files - create_bd_cell { return $last }
  }
  return ""
}

proc unknown {name args} {
  global options
  if {![info exists options($name)]} { return -code error "Vivado has no command $name" }
  foreach word $args {
    # A single word that begins with - is an option, but for a number.
    if {[regexp {^-[a-z_]+$} $word] && $word ni $options($name)} { return -code error "$name has no option $word" }
  }
  puts [join [concat [list $name] [lmap word $args { regsub -all {\s+} $word { } }]] "\t"]
  return [answer $name $args]
}

set wns [lindex $argv 0]
set script [lindex $argv 1]
set argv [lrange $argv 2 end]
source $script
