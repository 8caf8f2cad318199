// The datapath: the front makes operands of a source map, the back makes a result map of operands. Each has a pass of its
// own, so that the front may be one pass ahead. Maps lie outside; their data come two cycles after the address.
module dsode_engine #(
  parameter int unsigned Pc = dsode_cfg_pkg::Pc,
  parameter int unsigned Pk = dsode_cfg_pkg::Pk,
  parameter int unsigned Pp = dsode_cfg_pkg::Pp,
  parameter int unsigned Lanes = dsode_cfg_pkg::Lanes,
  parameter int unsigned UseDsp = 0
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  dsode_pkg::load_t     load_i,
  input  logic                 front_start_i,
  input  dsode_cfg_pkg::desc_t front_desc_i,
  output logic                 front_busy_o,
  input  logic                 back_start_i,
  input  dsode_cfg_pkg::desc_t back_desc_i,
  output logic                 back_busy_o,
  // The source.
  input  logic [19:0]          readable_i,     // its pixels that are there
  output logic [19:0]          source_addr_o,
  input  logic [Lanes*16-1:0]  state_i,
  input  logic [Lanes*8-1:0]   activation_i,
  input  logic [23:0]          pixel_i,
  // The state that increments are added to.
  output logic [19:0]          addend_addr_o,
  input  logic [Lanes*16-1:0]  addend_i,
  // The result.
  output logic                 result_valid_o,
  output logic [19:0]          result_addr_o,
  output logic [Lanes*32-1:0]  result_o,
  output logic [19:0]          written_o,      // its pixels that are there
  // For counters: the array multiplies; the front waits for its source or the replay buffer, the back for operands or
  // its drain.
  output logic                 multiply_o,
  output logic [1:0]           front_waits_o,
  output logic [1:0]           back_waits_o,
  // For simulation: words of the activations and of the operands.
  output logic                 activation_valid_o,
  output logic [Lanes*8-1:0]   activation_o,
  output logic                 operand_valid_o,
  output logic [Lanes*8-1:0]   operand_o
);
  localparam int unsigned ReplayBits = $clog2(dsode_cfg_pkg::ReplayWords);

  logic                  tile_ready, tile_release;
  logic [7:0]            release_words;
  logic [ReplayBits-1:0] operand_addr;
  logic [2:0]            operand_slot;

  dsode_front #(
    .Pp(Pp), .Lanes(Lanes), .ReplayWords(dsode_cfg_pkg::ReplayWords), .LineWords(dsode_cfg_pkg::LineWords),
    .Groups(dsode_cfg_pkg::Groups), .AffineDepth(dsode_cfg_pkg::AffineDepth),
    .DepthwiseDepth(dsode_cfg_pkg::DepthwiseDepth)
  ) u_front (
    .clk_i, .rst_ni, .start_i(front_start_i), .desc_i(front_desc_i), .busy_o(front_busy_o),
    .starved_o(front_waits_o[0]), .blocked_o(front_waits_o[1]), .load_i, .readable_i, .addr_o(source_addr_o),
    .state_i, .activation_i, .pixel_i, .release_i(tile_release), .release_words_i(release_words),
    .operand_valid_o, .operand_addr_o(operand_addr), .operand_slot_o(operand_slot), .operand_o,
    .tile_ready_o(tile_ready), .probe_valid_o(activation_valid_o), .probe_o(activation_o)
  );

  dsode_back #(
    .Pc(Pc), .Pk(Pk), .Pp(Pp), .Lanes(Lanes), .Chain(dsode_cfg_pkg::Chain),
    .ReplayWords(dsode_cfg_pkg::ReplayWords), .WeightDepth(dsode_cfg_pkg::WeightDepth),
    .ParamDepth(dsode_cfg_pkg::ParamDepth), .TimeDepth(dsode_cfg_pkg::TimeDepth), .UseDsp(UseDsp)
  ) u_back (
    .clk_i, .rst_ni, .start_i(back_start_i), .desc_i(back_desc_i), .busy_o(back_busy_o), .multiply_o,
    .starved_o(back_waits_o[0]), .blocked_o(back_waits_o[1]), .load_i, .operand_valid_i(operand_valid_o),
    .operand_addr_i(operand_addr), .operand_slot_i(operand_slot), .operand_i(operand_o), .tile_ready_i(tile_ready),
    .release_o(tile_release), .release_words_o(release_words), .state_addr_o(addend_addr_o), .state_i(addend_i),
    .valid_o(result_valid_o), .addr_o(result_addr_o), .word_o(result_o), .written_o
  );
endmodule
