// AXI4-Lite's rules, under resets at any time: an answer stays as it is until it is taken, there is one for each request and
// none without, no request waits but for an answer, and SLVERR is for what docs/architecture.md says. Each command is passed
// on or raises its bit, and what is raised falls only where 1 is written.
logic        f_past_q = 1'b0;
logic        after_q = 1'b0, reset_q;               // there was a cycle without reset, with reset
logic        wrote, asked, b_due_q, r_due_q;        // requests; those that have no answer yet
logic        b_waits_q, r_waits_q, wrote_q, asked_q, could_start_q, could_load_q, models_q;
logic [7:0]  waddr_q, raddr_q;
logic [31:0] wdata_q, rdata_q, status_q;
logic [15:0] images_before_q;
logic [1:0]  bresp_q, rresp_q, enable_before_q;
logic [10:0] sticky, sticky_q, cleared, cause;      // errors and interrupts
logic [5:0]  events_q;
logic        done_before_q, start_command, load_command;

assign wrote  = s_axil_awvalid_i && s_axil_awready_o;
assign asked  = s_axil_arvalid_i && s_axil_arready_o;
assign sticky = {errors_q, irq_q};

always_ff @(posedge clk_i) begin
  f_past_q  <= 1'b1;
  after_q   <= f_past_q && rst_ni;
  reset_q   <= !rst_ni;
  b_due_q   <= rst_ni && (wrote || (b_due_q && !s_axil_bready_i));
  r_due_q   <= rst_ni && (asked || (r_due_q && !s_axil_rready_i));
  b_waits_q <= s_axil_bvalid_o && !s_axil_bready_i;
  r_waits_q <= s_axil_rvalid_o && !s_axil_rready_i;
  {bresp_q, rresp_q, rdata_q}                  <= {s_axil_bresp_o, s_axil_rresp_o, s_axil_rdata_o};
  {wrote_q, waddr_q, wdata_q}                  <= {wrote, s_axil_awaddr_i, s_axil_wdata_i};
  {asked_q, raddr_q}                           <= {asked, s_axil_araddr_i};
  status_q                                     <= {28'd0, receiving_i, loading_i, model_valid_i, busy_i};
  {sticky_q, images_before_q, enable_before_q} <= {sticky, images_o, irq_enable_q};
  {events_q, done_before_q}                    <= {errors_i, all_done_i};
  {could_start_q, models_q}                    <= {!busy_i && !loading_i, model_valid_i};
  could_load_q                                 <= !busy_i && !loading_i && !receiving_i;
end

assign start_command = wrote_q && waddr_q == dsode_cfg_pkg::RegControl && wdata_q[0];
assign load_command  = wrote_q && waddr_q == dsode_cfg_pkg::RegControl && wdata_q[1];
assign cause[10:2]   = {events_q, load_command && (start_command || !could_load_q),
                        start_command && could_start_q && !models_q, start_command && !could_start_q};
assign cause[1:0]    = {cause[10:2] != '0, done_before_q};
assign cleared       = {wrote_q && waddr_q == dsode_cfg_pkg::RegErrors ? wdata_q[8:0] : 9'd0,
                        wrote_q && waddr_q == dsode_cfg_pkg::RegIrqStatus ? wdata_q[1:0] : 2'd0};

always_comb begin
  if (!f_past_q) assume (!rst_ni);
  if (f_past_q) begin
    assert (s_axil_bvalid_o == b_due_q && s_axil_rvalid_o == r_due_q);
    assert (wrote == (s_axil_wvalid_i && s_axil_wready_o) && !(wrote && b_due_q && !s_axil_bready_i));
    assert (!(asked && r_due_q && !s_axil_rready_i));
    if (s_axil_awvalid_i && s_axil_wvalid_i && !b_due_q) assert (wrote);
    if (s_axil_arvalid_i && !r_due_q) assert (asked);
    assert (irq_o == ((irq_q & irq_enable_q) != '0));
    if (reset_q) assert (sticky == '0 && !start_o && !load_o && !reset_o);
  end
  if (after_q) begin
    if (b_waits_q) assert (s_axil_bvalid_o && s_axil_bresp_o == bresp_q);
    if (r_waits_q) assert (s_axil_rvalid_o && s_axil_rresp_o == rresp_q && s_axil_rdata_o == rdata_q);
    if (wrote_q) begin
      assert (s_axil_bresp_o == (waddr_q == dsode_cfg_pkg::RegControl || (waddr_q[1:0] == '0 &&
              waddr_q >= dsode_cfg_pkg::RegImages && waddr_q <= dsode_cfg_pkg::RegErrors) ? 2'b00 : 2'b10));
    end
    if (asked_q) begin
      assert (s_axil_rresp_o == (raddr_q[1:0] == '0 && raddr_q <= dsode_cfg_pkg::RegBackDrain ? 2'b00 : 2'b10));
      if (s_axil_rresp_o != '0 || raddr_q == dsode_cfg_pkg::RegControl) assert (s_axil_rdata_o == '0);
      if (raddr_q == dsode_cfg_pkg::RegStatus) assert (s_axil_rdata_o == status_q);
      if (raddr_q == dsode_cfg_pkg::RegImages) assert (s_axil_rdata_o == 32'(images_before_q));
      if (raddr_q == dsode_cfg_pkg::RegIrqEnable) assert (s_axil_rdata_o == 32'(enable_before_q));
      if (raddr_q == dsode_cfg_pkg::RegIrqStatus) assert (s_axil_rdata_o == 32'(sticky_q[1:0]));
      if (raddr_q == dsode_cfg_pkg::RegErrors) assert (s_axil_rdata_o == 32'(sticky_q[10:2]));
    end
    assert (images_o == (wrote_q && waddr_q == dsode_cfg_pkg::RegImages ? wdata_q[15:0] : images_before_q));
    assert (irq_enable_q == (wrote_q && waddr_q == dsode_cfg_pkg::RegIrqEnable ? wdata_q[1:0] : enable_before_q));
    assert ((cause & ~sticky) == '0 && (sticky & ~sticky_q & ~cause) == '0);
    assert ((sticky_q & ~cleared & ~sticky) == '0 && (cleared & sticky & ~cause) == '0);
    assert (start_o == (start_command && could_start_q && models_q && images_before_q != '0));
    assert (load_o == (load_command && could_load_q && !start_command) && !(start_o && load_o));
    assert (reset_o == (wrote_q && waddr_q == dsode_cfg_pkg::RegControl && wdata_q[2]));
  end
end
