// dsode_top with the port names that Vivado recognises, in Verilog: a block design takes no SystemVerilog at its top.
// The core has no strobes, protection or byte lanes: registers are written whole, streams carry whole words.
module dsode_wrapper (
  (* X_INTERFACE_INFO = "xilinx.com:signal:clock:1.0 aclk CLK" *)
  (* X_INTERFACE_PARAMETER = "ASSOCIATED_BUSIF s_axi:s_axis:m_axis, ASSOCIATED_RESET aresetn" *)
  input  wire        aclk,
  (* X_INTERFACE_INFO = "xilinx.com:signal:reset:1.0 aresetn RST" *)
  (* X_INTERFACE_PARAMETER = "POLARITY ACTIVE_LOW" *)
  input  wire        aresetn,
  (* X_INTERFACE_INFO = "xilinx.com:signal:interrupt:1.0 irq INTERRUPT" *)
  (* X_INTERFACE_PARAMETER = "SENSITIVITY LEVEL_HIGH" *)
  output wire        irq,
  // Control and status, AXI4-Lite.
  input  wire [11:0] s_axi_awaddr,
  input  wire [2:0]  s_axi_awprot,
  input  wire        s_axi_awvalid,
  output wire        s_axi_awready,
  input  wire [31:0] s_axi_wdata,
  input  wire [3:0]  s_axi_wstrb,
  input  wire        s_axi_wvalid,
  output wire        s_axi_wready,
  output wire [1:0]  s_axi_bresp,
  output wire        s_axi_bvalid,
  input  wire        s_axi_bready,
  input  wire [11:0] s_axi_araddr,
  input  wire [2:0]  s_axi_arprot,
  input  wire        s_axi_arvalid,
  output wire        s_axi_arready,
  output wire [31:0] s_axi_rdata,
  output wire [1:0]  s_axi_rresp,
  output wire        s_axi_rvalid,
  input  wire        s_axi_rready,
  // Models and images.
  input  wire [31:0] s_axis_tdata,
  input  wire [3:0]  s_axis_tkeep,
  input  wire        s_axis_tlast,
  input  wire        s_axis_tvalid,
  output wire        s_axis_tready,
  // Scores.
  output wire [31:0] m_axis_tdata,
  output wire [3:0]  m_axis_tkeep,
  output wire        m_axis_tlast,
  output wire        m_axis_tvalid,
  input  wire        m_axis_tready
);
  // Vivado maps 4 KiB at least, the core decodes 256 bytes: what lies above goes where there is no register.
  localparam [7:0] NoRegister = 8'hfc;
  wire [7:0] awaddr = s_axi_awaddr[11:8] == 4'd0 ? s_axi_awaddr[7:0] : NoRegister;
  wire [7:0] araddr = s_axi_araddr[11:8] == 4'd0 ? s_axi_araddr[7:0] : NoRegister;

  assign m_axis_tkeep = 4'hf;

  /* verilator lint_off PINCONNECTEMPTY */
  dsode_top #(.UseDsp(1)) u_top (
    .clk_i(aclk), .rst_ni(aresetn),
    .s_axil_awvalid_i(s_axi_awvalid), .s_axil_awready_o(s_axi_awready), .s_axil_awaddr_i(awaddr),
    .s_axil_wvalid_i(s_axi_wvalid), .s_axil_wready_o(s_axi_wready), .s_axil_wdata_i(s_axi_wdata),
    .s_axil_bvalid_o(s_axi_bvalid), .s_axil_bready_i(s_axi_bready), .s_axil_bresp_o(s_axi_bresp),
    .s_axil_arvalid_i(s_axi_arvalid), .s_axil_arready_o(s_axi_arready), .s_axil_araddr_i(araddr),
    .s_axil_rvalid_o(s_axi_rvalid), .s_axil_rready_i(s_axi_rready), .s_axil_rdata_o(s_axi_rdata),
    .s_axil_rresp_o(s_axi_rresp), .irq_o(irq),
    .s_axis_tvalid_i(s_axis_tvalid), .s_axis_tready_o(s_axis_tready), .s_axis_tdata_i(s_axis_tdata),
    .s_axis_tlast_i(s_axis_tlast),
    .m_axis_tvalid_o(m_axis_tvalid), .m_axis_tready_i(m_axis_tready), .m_axis_tdata_o(m_axis_tdata),
    .m_axis_tlast_o(m_axis_tlast),
    .probe_front_pass_o(), .probe_activation_valid_o(), .probe_activation_o(), .probe_operand_valid_o(),
    .probe_operand_o(), .probe_back_pass_o(), .probe_result_valid_o(), .probe_result_addr_o(), .probe_result_o()
  );
  /* verilator lint_on PINCONNECTEMPTY */

  wire unused = &{1'b0, s_axi_awprot, s_axi_arprot, s_axi_wstrb, s_axis_tkeep};
endmodule
