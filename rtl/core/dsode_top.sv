// The accelerator: registers, streams, sequencer, datapath and the memories of maps. See docs/architecture.md.
module dsode_top #(
  parameter int unsigned UseDsp = 0   // 1: the array's multipliers are DSP48E2 slices, two products each
) (
  input  logic        clk_i,
  input  logic        rst_ni,
  // Control and status.
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
  // Models and images.
  input  logic        s_axis_tvalid_i,
  output logic        s_axis_tready_o,
  input  logic [31:0] s_axis_tdata_i,
  input  logic        s_axis_tlast_i,
  // Scores.
  output logic        m_axis_tvalid_o,
  input  logic        m_axis_tready_i,
  output logic [31:0] m_axis_tdata_o,
  output logic        m_axis_tlast_o,
  // For simulation, not to be connected: words of activations, operands and results with the passes that they belong to.
  output logic [15:0]                        probe_front_pass_o,
  output logic                               probe_activation_valid_o,
  output logic [dsode_cfg_pkg::Lanes*8-1:0]  probe_activation_o,
  output logic                               probe_operand_valid_o,
  output logic [dsode_cfg_pkg::Lanes*8-1:0]  probe_operand_o,
  output logic [15:0]                        probe_back_pass_o,
  output logic                               probe_result_valid_o,
  output logic [19:0]                        probe_result_addr_o,
  output logic [dsode_cfg_pkg::Lanes*32-1:0] probe_result_o
);
  localparam int unsigned Lanes = dsode_cfg_pkg::Lanes;

  logic start, load_start, soft_reset, loading, model_valid, receiving, image_done, all_done, finished, busy;
  logic abort, run_rst_n, load_rst_n, bad_descriptor;
  logic length_error, crc_error, header_error, early_error, late_error;
  logic [15:0] images, classes, left_q;
  logic        active_q;

  // --- control ------------------------------------------------------------------------------------------------------

  logic                multiply;
  logic [1:0]          front_waits, back_waits;
  dsode_regs u_regs (
    .clk_i, .rst_ni, .s_axil_awvalid_i, .s_axil_awready_o, .s_axil_awaddr_i, .s_axil_wvalid_i, .s_axil_wready_o,
    .s_axil_wdata_i, .s_axil_bvalid_o, .s_axil_bready_i, .s_axil_bresp_o, .s_axil_arvalid_i, .s_axil_arready_o,
    .s_axil_araddr_i, .s_axil_rvalid_o, .s_axil_rready_i, .s_axil_rdata_o, .s_axil_rresp_o, .irq_o,
    .start_o(start), .load_o(load_start), .reset_o(soft_reset), .images_o(images), .busy_i(busy),
    .model_valid_i(model_valid), .loading_i(loading), .receiving_i(receiving), .image_done_i(image_done),
    .all_done_i(all_done),
    .errors_i({bad_descriptor, late_error, early_error, header_error, crc_error, length_error}),
    .events_i({back_waits[1], back_waits[0], front_waits[1], front_waits[0], multiply})
  );

  // An error in a run ends it: what was on its way is dropped. A soft reset ends a load too.
  assign abort      = early_error || late_error || bad_descriptor;
  assign load_rst_n = rst_ni && !soft_reset;
  assign run_rst_n  = load_rst_n && !abort;
  assign finished   = image_done && left_q == 16'd1;
  assign all_done   = active_q && finished;
  assign busy       = active_q || start;
  always_ff @(posedge clk_i) begin
    if (!run_rst_n) active_q <= 1'b0;
    else if (start) active_q <= 1'b1;
    else if (finished) active_q <= 1'b0;
    if (start) left_q <= images;
    else if (image_done) left_q <= left_q - 16'd1;
  end

  // --- streams ------------------------------------------------------------------------------------------------------

  dsode_pkg::load_t load;
  logic [19:0]      image_pixels, image_beats, pixel_addr, image_readable;
  logic             image_colour, image_ready, pixel_we, pixel_wbuffer, pixel_buffer, image_release;
  logic [23:0]      pixel_in;

  assign s_axis_tready_o = loading || image_ready;
  dsode_model_loader u_model (
    .clk_i, .rst_ni, .abort_i(soft_reset), .start_i(load_start), .busy_o(loading), .valid_o(model_valid),
    .tvalid_i(s_axis_tvalid_i), .tdata_i(s_axis_tdata_i), .tlast_i(s_axis_tlast_i), .load_o(load),
    .image_pixels_o(image_pixels), .image_colour_o(image_colour), .image_beats_o(image_beats), .classes_o(classes),
    .length_error_o(length_error), .crc_error_o(crc_error), .header_error_o(header_error)
  );
  dsode_image_loader u_image (
    .clk_i, .rst_ni(load_rst_n && !load_start), .abort_i(abort), .enable_i(model_valid && !loading && !load_start),
    .pixels_i(image_pixels), .colour_i(image_colour), .beats_i(image_beats), .busy_o(receiving),
    .tready_o(image_ready), .tvalid_i(s_axis_tvalid_i && !loading), .tdata_i(s_axis_tdata_i),
    .tlast_i(s_axis_tlast_i), .we_o(pixel_we), .wbuffer_o(pixel_wbuffer), .waddr_o(pixel_addr), .pixel_o(pixel_in),
    .release_i(image_release), .buffer_o(pixel_buffer), .readable_o(image_readable), .early_error_o(early_error),
    .late_error_o(late_error)
  );

  // --- datapath -----------------------------------------------------------------------------------------------------

  dsode_cfg_pkg::desc_t front_desc, back_desc;
  logic                 front_start, front_busy, back_start, back_busy, results_busy, scores_done, result_valid;
  logic [19:0]          written, readable, source_addr, addend_addr, result_addr;
  logic [Lanes*16-1:0]  state, addend;
  logic [Lanes*8-1:0]   activation;
  logic [23:0]          pixel;
  logic [Lanes*32-1:0]  result;

  dsode_sequencer u_sequencer (
    .clk_i, .rst_ni(run_rst_n), .load_i(load), .start_i(start), .images_i(images),
    .bad_descriptor_o(bad_descriptor), .front_start_o(front_start), .front_desc_o(front_desc),
    .front_busy_i(front_busy), .back_start_o(back_start), .back_desc_o(back_desc), .back_busy_i(back_busy),
    .written_i(written), .image_pixels_i(image_readable), .readable_o(readable), .image_release_o(image_release),
    .results_busy_i(results_busy), .scores_done_o(scores_done), .front_pass_o(probe_front_pass_o),
    .back_pass_o(probe_back_pass_o)
  );
  dsode_engine #(.UseDsp(UseDsp)) u_engine (
    .clk_i, .rst_ni(run_rst_n), .load_i(load), .front_start_i(front_start), .front_desc_i(front_desc),
    .front_busy_o(front_busy), .back_start_i(back_start), .back_desc_i(back_desc), .back_busy_o(back_busy),
    .readable_i(readable), .source_addr_o(source_addr), .state_i(state), .activation_i(activation),
    .pixel_i(pixel), .addend_addr_o(addend_addr), .addend_i(addend), .result_valid_o(result_valid),
    .result_addr_o(result_addr), .result_o(result), .written_o(written), .multiply_o(multiply),
    .front_waits_o(front_waits), .back_waits_o(back_waits), .activation_valid_o(probe_activation_valid_o),
    .activation_o(probe_activation_o), .operand_valid_o(probe_operand_valid_o), .operand_o(probe_operand_o)
  );

  logic to_activation, to_scores;
  assign to_activation = back_desc.dst == dsode_cfg_pkg::DstActivation;
  assign to_scores     = back_desc.dst == dsode_cfg_pkg::DstScores;
  dsode_maps #(
    .Lanes(Lanes), .StateWords(dsode_cfg_pkg::StateWords), .ActivationWords(dsode_cfg_pkg::ActivationWords),
    .ImagePixels(dsode_cfg_pkg::ImagePixels)
  ) u_maps (
    .clk_i, .state_we_i(result_valid && !to_activation && !to_scores),
    .activation_we_i(result_valid && to_activation), .waddr_i(result_addr), .wdata_i(result), .pixel_we_i(pixel_we),
    .pixel_wbuffer_i(pixel_wbuffer), .pixel_waddr_i(pixel_addr), .pixel_i(pixel_in), .source_addr_i(source_addr),
    .pixel_buffer_i(pixel_buffer), .state_o(state), .activation_o(activation), .pixel_o(pixel),
    .addend_addr_i(addend_addr), .addend_o(addend)
  );
  dsode_results #(.Lanes(Lanes), .Words(dsode_cfg_pkg::ScoreWords)) u_results (
    .clk_i, .rst_ni(run_rst_n), .classes_i(classes), .we_i(result_valid && to_scores), .waddr_i(result_addr),
    .wdata_i(result), .send_i(scores_done), .busy_o(results_busy), .done_o(image_done), .m_axis_tvalid_o,
    .m_axis_tdata_o, .m_axis_tlast_o, .m_axis_tready_i
  );

  assign probe_result_valid_o = result_valid;
  assign probe_result_addr_o  = result_addr;
  assign probe_result_o       = result;
endmodule
