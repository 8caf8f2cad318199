# Zynq, DMA and accelerator, all of the fabric on one clock:
#
#     HPM0_FPD -> control -> accelerator, dma          registers
#     HP0_FPD  <- memory  <- dma                       packets in the processor's memory
#     dma -> accelerator -> dma                        streams
#
# Software knows the addresses and the order of the interrupts by fpga/zcu104/dsode.dtso.

set dsode_accelerator_address 0xA0000000
set dsode_dma_address 0xA0010000
set dsode_register_range 64K

proc add_ip {name vlnv {properties {}}} {
  set cell [create_bd_cell -type ip -vlnv $vlnv $name]
  if {[llength $properties] > 0} { set_property -dict $properties $cell }
  return $cell
}

proc join_interfaces {from to} { connect_bd_intf_net [get_bd_intf_pins $from] [get_bd_intf_pins $to] }

# `from` drives every pin of `to`.
proc join_pins {from to} {
  foreach pin $to { connect_bd_net [get_bd_pins $from] [get_bd_pins $pin] }
}

proc add_processor {} {
  set ps [create_bd_cell -type ip -vlnv xilinx.com:ip:zynq_ultra_ps_e ps]
  apply_bd_automation -rule xilinx.com:bd_rule:zynq_ultra_ps_e -config {apply_board_preset 1} $ps
  # GP0 is HPM0_FPD as a master, GP2 is HP0_FPD as a slave, as wide as they are after power-up. The clock stays at the
  # 100 MHz that Linux images for this board boot with, so that it is right whoever set it.
  set_property -dict {
    CONFIG.PSU__USE__M_AXI_GP0 1
    CONFIG.PSU__USE__M_AXI_GP1 0
    CONFIG.PSU__USE__M_AXI_GP2 0
    CONFIG.PSU__MAXIGP0__DATA_WIDTH 128
    CONFIG.PSU__USE__S_AXI_GP2 1
    CONFIG.PSU__SAXIGP2__DATA_WIDTH 128
    CONFIG.PSU__USE__IRQ0 1
    CONFIG.PSU__FPGA_PL0_ENABLE 1
    CONFIG.PSU__CRL_APB__PL0_REF_CTRL__FREQMHZ 100
  } $ps
}

proc add_cells {clock_mhz} {
  add_processor
  add_ip clock xilinx.com:ip:clk_wiz [list \
    CONFIG.PRIM_SOURCE Global_buffer CONFIG.PRIM_IN_FREQ 100 CONFIG.CLKOUT1_REQUESTED_OUT_FREQ $clock_mhz \
    CONFIG.RESET_TYPE ACTIVE_LOW CONFIG.RESET_PORT resetn]
  add_ip reset xilinx.com:ip:proc_sys_reset
  add_ip accelerator dsodenet:ip:dsode
  # Transfers to 64 MiB; bursts as long as AXI4 has them.
  add_ip dma xilinx.com:ip:axi_dma {
    CONFIG.c_include_sg 0
    CONFIG.c_sg_include_stscntrl_strm 0
    CONFIG.c_sg_length_width 26
    CONFIG.c_m_axi_mm2s_data_width 32
    CONFIG.c_m_axis_mm2s_tdata_width 32
    CONFIG.c_mm2s_burst_size 256
    CONFIG.c_m_axi_s2mm_data_width 32
    CONFIG.c_s2mm_burst_size 256
    CONFIG.c_addr_width 32
  }
  add_ip control xilinx.com:ip:smartconnect {CONFIG.NUM_SI 1 CONFIG.NUM_MI 2 CONFIG.NUM_CLKS 1}
  add_ip memory xilinx.com:ip:smartconnect {CONFIG.NUM_SI 2 CONFIG.NUM_MI 1 CONFIG.NUM_CLKS 1}
  add_ip interrupts xilinx.com:ip:xlconcat {CONFIG.NUM_PORTS 3}
}

proc connect_cells {} {
  join_interfaces ps/M_AXI_HPM0_FPD control/S00_AXI
  join_interfaces control/M00_AXI accelerator/s_axi
  join_interfaces control/M01_AXI dma/S_AXI_LITE
  join_interfaces dma/M_AXIS_MM2S accelerator/s_axis
  join_interfaces accelerator/m_axis dma/S_AXIS_S2MM
  join_interfaces dma/M_AXI_MM2S memory/S00_AXI
  join_interfaces dma/M_AXI_S2MM memory/S01_AXI
  join_interfaces memory/M00_AXI ps/S_AXI_HP0_FPD

  join_pins ps/pl_clk0 clock/clk_in1
  join_pins ps/pl_resetn0 {clock/resetn reset/ext_reset_in}
  join_pins clock/locked reset/dcm_locked
  join_pins clock/clk_out1 {
    reset/slowest_sync_clk accelerator/aclk dma/s_axi_lite_aclk dma/m_axi_mm2s_aclk dma/m_axi_s2mm_aclk control/aclk
    memory/aclk ps/maxihpm0_fpd_aclk ps/saxihp0_fpd_aclk
  }
  join_pins reset/peripheral_aresetn {accelerator/aresetn dma/axi_resetn}
  join_pins reset/interconnect_aresetn {control/aresetn memory/aresetn}

  join_pins accelerator/irq interrupts/In0
  join_pins dma/s2mm_introut interrupts/In1
  join_pins dma/mm2s_introut interrupts/In2
  join_pins interrupts/dout ps/pl_ps_irq0
}

proc assign_addresses {} {
  global dsode_accelerator_address dsode_dma_address dsode_register_range
  foreach {interface address} [list accelerator/s_axi $dsode_accelerator_address dma/S_AXI_LITE $dsode_dma_address] {
    assign_bd_address -offset $address -range $dsode_register_range -target_address_space [get_bd_addr_spaces ps/Data] \
      [get_bd_addr_segs -of_objects [get_bd_intf_pins $interface]]
  }
  # The board's 2 GiB; flash and on-chip memory are no place for packets.
  foreach space {dma/Data_MM2S dma/Data_S2MM} {
    assign_bd_address -offset 0x00000000 -range 2G -target_address_space [get_bd_addr_spaces $space] \
      [get_bd_addr_segs ps/SAXIGP2/HP0_DDR_LOW]
    foreach segment [get_bd_addr_segs -quiet {ps/SAXIGP2/HP0_QSPI ps/SAXIGP2/HP0_LPS_OCM ps/SAXIGP2/HP0_DDR_HIGH}] {
      exclude_bd_addr_seg -target_address_space [get_bd_addr_spaces $space] $segment
    }
  }
}

# In the open project, whose catalogue holds the packaged IP.
proc create_dsode_design {clock_mhz} {
  create_bd_design dsode_system
  add_cells $clock_mhz
  connect_cells
  assign_addresses
  validate_bd_design
  save_bd_design
}
