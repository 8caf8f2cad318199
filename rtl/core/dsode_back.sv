// From operands to a result map: replay buffer, weights, product array and drain.
module dsode_back #(
  parameter int unsigned Pc = 4,
  parameter int unsigned Pk = 4,
  parameter int unsigned Pp = 1,
  parameter int unsigned Lanes = 4,
  parameter int unsigned Chain = 4,
  parameter int unsigned ReplayWords = 64,
  parameter int unsigned WeightDepth = 512,
  parameter int unsigned ParamDepth = 512,
  parameter int unsigned TimeDepth = 0,
  parameter int unsigned UseDsp = 0
) (
  input  logic                           clk_i,
  input  logic                           rst_ni,
  input  logic                           start_i,       // of a pass; desc_i stays until busy_o has fallen
  input  dsode_cfg_pkg::desc_t           desc_i,
  output logic                           busy_o,
  output logic                           multiply_o,    // the array has something to do
  output logic                           starved_o,
  output logic                           blocked_o,
  input  dsode_pkg::load_t               load_i,
  input  logic                           operand_valid_i,
  input  logic [$clog2(ReplayWords)-1:0] operand_addr_i,
  input  logic [2:0]                     operand_slot_i,
  input  logic [Lanes*8-1:0]             operand_i,
  input  logic                           tile_ready_i,
  output logic                           release_o,
  output logic [7:0]                     release_words_o,
  output logic [19:0]                    state_addr_o,  // the state that an increment is added to, latency 2
  input  logic [Lanes*16-1:0]            state_i,
  output logic                           valid_o,       // a word of the result
  output logic [19:0]                    addr_o,
  output logic [Lanes*32-1:0]            word_o,
  output logic [19:0]                    written_o      // pixels of the result that are there
);
  logic                           mac_busy, drain_busy, valid, valid_q, first, last, array_valid, array_first, array_last;
  logic                           sums_valid;
  logic [15:0]                    weight_addr;
  logic [$clog2(ReplayWords)-1:0] replay_addr;
  logic [7:0]                     replay_part;
  logic [Pc*Pp*8-1:0]             operands;
  logic [Pc*Pk*8-1:0]             weights;
  logic [Pk*Pp*27-1:0]            sums;
  logic [$clog2(ParamDepth)-1:0]  param_addr;
  logic [Lanes*48-1:0]            params;
  logic                           unused;

  assign busy_o     = mac_busy || drain_busy;
  assign multiply_o = valid;
  assign unused     = ^weight_addr;

  dsode_mac_sequencer #(.Pc(Pc), .Pk(Pk), .Pp(Pp), .Lanes(Lanes), .ReplayWords(ReplayWords)) u_sequencer (
    .clk_i, .rst_ni, .start_i, .desc_i, .busy_o(mac_busy), .tile_ready_i, .release_o, .release_words_o,
    .valid_o(valid), .first_o(first), .last_o(last), .weight_addr_o(weight_addr), .replay_addr_o(replay_addr),
    .replay_part_o(replay_part), .starved_o, .blocked_o
  );
  dsode_replay #(.Pc(Pc), .Pp(Pp), .Lanes(Lanes), .Chain(Chain), .Words(ReplayWords)) u_replay (
    .clk_i, .we_i(operand_valid_i), .waddr_i(operand_addr_i), .slot_i(operand_slot_i), .wdata_i(operand_i),
    .raddr_i(replay_addr), .part_i(replay_part), .operands_o(operands)
  );
  dsode_weights #(.Pc(Pc), .Pk(Pk), .Chain(Chain), .Depth(WeightDepth)) u_weights (
    .clk_i, .we_i(load_i.valid && load_i.kind == dsode_cfg_pkg::LoadWeight), .wpart_i(load_i.part),
    .waddr_i(load_i.addr[$clog2(WeightDepth)-1:0]), .wdata_i(load_i.data),
    .raddr_i(weight_addr[$clog2(WeightDepth)-1:0]), .weights_o(weights)
  );
  // Operands and weights of row 0 come two cycles after their addresses.
  dsode_delay #(.Width(2), .Cycles(2)) u_control (
    .clk_i, .data_i({first, last}), .data_o({array_first, array_last})
  );
  always_ff @(posedge clk_i) {array_valid, valid_q} <= rst_ni ? {valid_q, valid} : '0;
  dsode_pw_array #(.Pc(Pc), .Pk(Pk), .Pp(Pp), .Chain(Chain), .UseDsp(UseDsp)) u_array (
    .clk_i, .rst_ni, .valid_i(array_valid), .first_i(array_first), .last_i(array_last), .operands_i(operands),
    .weights_i(weights), .last_o(sums_valid), .acc_o(sums)
  );

  dsode_params #(.Parts(Lanes * 3 / 2), .Depth(ParamDepth)) u_params (
    .clk_i, .we_i(load_i.valid && load_i.kind == dsode_cfg_pkg::LoadParam), .wpart_i(load_i.part),
    .waddr_i(load_i.addr[$clog2(ParamDepth)-1:0]), .wdata_i(load_i.data), .raddr_i(param_addr),
    .data_o(params)
  );
  dsode_drain #(.Pk(Pk), .Pp(Pp), .Lanes(Lanes), .ParamDepth(ParamDepth), .TimeDepth(TimeDepth)) u_drain (
    .clk_i, .rst_ni, .load_i, .start_i, .desc_i, .busy_o(drain_busy), .sums_valid_i(sums_valid), .sums_i(sums),
    .param_addr_o(param_addr), .params_i(params), .state_addr_o, .state_i, .valid_o, .addr_o, .word_o, .written_o
  );
endmodule
