# The accelerator of one target as an IP for block designs: dsodenet:ip:dsode:1.0.

# The sources of `rtl`, the generated package of the target and our wrapper, packages first.
proc dsode_sources {root package} {
  set sources [list $package [file join $root rtl core dsode_pkg.sv]]
  foreach source [lsort [glob [file join $root rtl lib *.sv] [file join $root rtl core *.sv]]] {
    if {[file tail $source] ne "dsode_pkg.sv"} { lappend sources $source }
  }
  lappend sources [file join $root fpga zcu104 dsode_wrapper.v]
  return $sources
}

# Writes the IP with copies of its sources to `ip_dir`, by way of a project in `work_dir`. The wrapper's attributes say
# what is clock, reset and interrupt; AXI4-Lite and the streams are known by the names of its ports.
proc package_dsode {root package part ip_dir work_dir} {
  file mkdir $ip_dir
  create_project -force dsode_ip $work_dir -part $part
  add_files -norecurse [dsode_sources $root $package]
  set_property top dsode_wrapper [current_fileset]
  update_compile_order -fileset sources_1
  ipx::package_project -root_dir $ip_dir -vendor dsodenet -library ip -taxonomy /UserIP -import_files -force
  set core [ipx::current_core]
  set_property name dsode $core
  set_property version 1.0 $core
  set_property display_name "dsodenet accelerator" $core
  set_property description "Runs integer dsODENet models from pixels to scores" $core
  set_property ipi_drc {ignore_freq_hz true} $core  ;# any clock will do: the block design's
  foreach interface {s_axi s_axis m_axis aclk aresetn irq} {
    if {[llength [ipx::get_bus_interfaces $interface -of_objects $core]] != 1} {
      error "package_ip.tcl: Vivado found no interface $interface in dsode_wrapper.v"
    }
  }
  ipx::create_xgui_files $core
  ipx::update_checksums $core
  ipx::save_core $core
  close_project
}
