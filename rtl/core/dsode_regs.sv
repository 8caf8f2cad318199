// Control and status behind AXI4-Lite: 32-bit registers at the addresses of dsode_cfg_pkg. A write or read elsewhere, or a
// write to what only reads, answers SLVERR.
module dsode_regs (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        s_axil_awvalid_i,
  output logic        s_axil_awready_o,
  input  logic [7:0]  s_axil_awaddr_i,
  input  logic        s_axil_wvalid_i,
  output logic        s_axil_wready_o,
  input  logic [31:0] s_axil_wdata_i,
  output logic        s_axil_bvalid_o,
  input  logic        s_axil_bready_i,
  output logic [1:0]  s_axil_bresp_o,
  input  logic        s_axil_arvalid_i,
  output logic        s_axil_arready_o,
  input  logic [7:0]  s_axil_araddr_i,
  output logic        s_axil_rvalid_o,
  input  logic        s_axil_rready_i,
  output logic [31:0] s_axil_rdata_o,
  output logic [1:0]  s_axil_rresp_o,
  output logic        irq_o,
  // Commands, one cycle each.
  output logic        start_o,
  output logic        load_o,
  output logic        reset_o,
  output logic [15:0] images_o,
  input  logic        busy_i,
  input  logic        model_valid_i,
  input  logic        loading_i,
  input  logic        receiving_i,     // inside of an image's packet
  input  logic        image_done_i,
  input  logic        all_done_i,
  input  logic [5:0]  errors_i,        // bad descriptor, late image, early image, header, CRC, length
  // What the counters count in this cycle: multiply, front waits (source, room), back waits (operands, drain).
  input  logic [4:0]  events_i
);
  localparam logic [1:0] Okay = 2'b00, SlaveError = 2'b10;

  logic [31:0] cycles_q, done_q;
  logic [31:0] counter_q [0:4];
  logic [15:0] images_q;
  logic [8:0]  errors_q, raised;       // start while busy, start without a model, load while busy, then errors_i
  logic [1:0]  irq_enable_q, irq_q;
  logic        write, read, start, load, load_refused;
  logic [31:0] read_data;
  logic        read_ok, write_ok;

  // A write when address and data are both there, a read when no answer waits.
  assign write            = s_axil_awvalid_i && s_axil_wvalid_i && !s_axil_bvalid_o;
  assign read             = s_axil_arvalid_i && !s_axil_rvalid_o;
  assign s_axil_awready_o = write;
  assign s_axil_wready_o  = write;
  assign s_axil_arready_o = read;

  assign start    = write && s_axil_awaddr_i == dsode_cfg_pkg::RegControl && s_axil_wdata_i[0];
  assign load     = write && s_axil_awaddr_i == dsode_cfg_pkg::RegControl && s_axil_wdata_i[1];
  assign images_o = images_q;
  assign load_refused = load && (busy_i || loading_i || receiving_i || start);
  assign raised       = {errors_i, load_refused, start && !busy_i && !loading_i && !model_valid_i,
                         start && (busy_i || loading_i)};
  assign irq_o    = |(irq_q & irq_enable_q);

  always_comb begin
    read_ok   = 1'b1;
    read_data = '0;
    unique case (s_axil_araddr_i)
      dsode_cfg_pkg::RegId: read_data = dsode_cfg_pkg::Magic;
      dsode_cfg_pkg::RegVersion: read_data = dsode_cfg_pkg::Version;
      dsode_cfg_pkg::RegFingerprint: read_data = dsode_cfg_pkg::Fingerprint;
      dsode_cfg_pkg::RegControl: ;
      dsode_cfg_pkg::RegStatus: read_data = {28'd0, receiving_i, loading_i, model_valid_i, busy_i};
      dsode_cfg_pkg::RegImages: read_data = 32'(images_q);
      dsode_cfg_pkg::RegIrqEnable: read_data = 32'(irq_enable_q);
      dsode_cfg_pkg::RegIrqStatus: read_data = 32'(irq_q);
      dsode_cfg_pkg::RegErrors: read_data = 32'(errors_q);
      dsode_cfg_pkg::RegDone: read_data = done_q;
      dsode_cfg_pkg::RegCycles: read_data = cycles_q;
      dsode_cfg_pkg::RegMultiply: read_data = counter_q[0];
      dsode_cfg_pkg::RegFrontSource: read_data = counter_q[1];
      dsode_cfg_pkg::RegFrontRoom: read_data = counter_q[2];
      dsode_cfg_pkg::RegBackOperand: read_data = counter_q[3];
      dsode_cfg_pkg::RegBackDrain: read_data = counter_q[4];
      default: read_ok = 1'b0;
    endcase
    unique case (s_axil_awaddr_i)
      dsode_cfg_pkg::RegControl, dsode_cfg_pkg::RegImages, dsode_cfg_pkg::RegIrqEnable, dsode_cfg_pkg::RegIrqStatus,
      dsode_cfg_pkg::RegErrors: write_ok = 1'b1;
      default: write_ok = 1'b0;
    endcase
  end

  always_ff @(posedge clk_i) begin
    start_o <= 1'b0;
    load_o  <= 1'b0;
    reset_o <= 1'b0;
    if (!rst_ni) begin
      s_axil_bvalid_o <= 1'b0;
      s_axil_rvalid_o <= 1'b0;
      images_q        <= 16'd1;
      errors_q        <= '0;
      irq_q           <= '0;
      irq_enable_q    <= '0;
      cycles_q        <= '0;
      done_q          <= '0;
      for (int i = 0; i < 5; i++) counter_q[i] <= '0;
    end else begin
      if (write) s_axil_bvalid_o <= 1'b1;
      else if (s_axil_bready_i) s_axil_bvalid_o <= 1'b0;
      if (read) s_axil_rvalid_o <= 1'b1;
      else if (s_axil_rready_i) s_axil_rvalid_o <= 1'b0;

      if (start && !busy_i && !loading_i && model_valid_i && images_q != '0) begin
        start_o  <= 1'b1;
        cycles_q <= '0;
        done_q   <= '0;
        for (int i = 0; i < 5; i++) counter_q[i] <= '0;
      end else begin
        if (busy_i) cycles_q <= cycles_q + 32'd1;
        if (image_done_i) done_q <= done_q + 32'd1;
        for (int i = 0; i < 5; i++) if (busy_i && events_i[i]) counter_q[i] <= counter_q[i] + 32'd1;
      end
      if (load && !load_refused) load_o <= 1'b1;
      if (write && s_axil_awaddr_i == dsode_cfg_pkg::RegControl && s_axil_wdata_i[2]) reset_o <= 1'b1;
      if (write && s_axil_awaddr_i == dsode_cfg_pkg::RegImages) images_q <= s_axil_wdata_i[15:0];
      if (write && s_axil_awaddr_i == dsode_cfg_pkg::RegIrqEnable) irq_enable_q <= s_axil_wdata_i[1:0];
      // Sticky until 1 is written; what is raised in that cycle stays.
      errors_q <= (errors_q & ~(write && s_axil_awaddr_i == dsode_cfg_pkg::RegErrors ? s_axil_wdata_i[8:0] : '0)) | raised;
      irq_q    <= (irq_q & ~(write && s_axil_awaddr_i == dsode_cfg_pkg::RegIrqStatus ? s_axil_wdata_i[1:0] : '0)) |
                  {|raised, all_done_i};
    end
  end

  always_ff @(posedge clk_i) begin
    if (write) s_axil_bresp_o <= write_ok ? Okay : SlaveError;
    if (read) begin
      s_axil_rresp_o <= read_ok ? Okay : SlaveError;
      s_axil_rdata_o <= read_data;
    end
  end

`ifdef FORMAL
`include "dsode_regs.svh"
`endif
endmodule
