// From accumulators to results: takes the array's sums of a tile; for Lanes channels of one pixel a cycle adds the bias,
// rescales, adds the state where the pass makes an increment, clamps, and writes the word nine cycles after it was taken,
// three more where there are time biases (TimeDepth words of them).
// Words come in the order of the array: for each tile of pixels, for each tile of output channels, pixel by pixel.
module dsode_drain #(
  parameter int unsigned Pk = 4,
  parameter int unsigned Pp = 1,
  parameter int unsigned Lanes = 4,
  parameter int unsigned ParamDepth = 512,
  parameter int unsigned TimeDepth = 0
) (
  input  logic                          clk_i,
  input  logic                          rst_ni,
  input  dsode_pkg::load_t              load_i,
  input  logic                          start_i,      // of a pass; desc_i stays until busy_o has fallen
  input  dsode_cfg_pkg::desc_t          desc_i,
  output logic                          busy_o,
  input  logic                          sums_valid_i,
  input  logic [Pk*Pp*27-1:0]           sums_i,       // column k, pixel p at (p Pk + k) 27
  output logic [$clog2(ParamDepth)-1:0] param_addr_o, // latency 2
  input  logic [Lanes*48-1:0]           params_i,     // a bias of 32 bits a lane, then a multiplier of 16 a lane
  output logic [19:0]                   state_addr_o, // latency 2
  input  logic [Lanes*16-1:0]           state_i,
  output logic                          valid_o,
  output logic [19:0]                   addr_o,
  output logic [Lanes*32-1:0]           word_o,
  output logic [19:0]                   written_o     // pixels of this pass whose last word was written
);
  localparam int unsigned Columns = Pk / Lanes;
  localparam int unsigned Steps = Pp * Columns;
  localparam int unsigned SelectBits = Steps > 1 ? $clog2(Steps) : 1;
  localparam int unsigned ParamBits = $clog2(ParamDepth);
  localparam int unsigned Timed = TimeDepth > 0 ? 3 : 0;  // cycles for the time bias
  localparam int unsigned Depth = 8 + Timed;              // from the step that selects a word to the clamp's register
  localparam int unsigned StateAt = 4 + Timed;            // the state's address goes out there

  // Where in the pass, and in the tile that is drained.
  logic [Pk*Pp*27-1:0] sums_q;
  logic                active_q, draining_q;
  logic [11:0]         column_q;
  logic [19:0]         pixel_q, tile_addr_q, word_addr_q;
  logic [ParamBits-1:0] param_q;
  logic [7:0]          groups_left_q, half_q;
  logic [2:0]          slot_q;

  logic [7:0]  words;
  logic        last_half, last_slot, last_column, in_map, pixel_done, pass_done;

  assign words       = groups_left_q < 8'(Columns) ? groups_left_q : 8'(Columns);
  assign last_half   = half_q == words - 8'd1;
  assign last_slot   = slot_q == 3'(Pp - 1);
  assign last_column = column_q == desc_i.column_tiles - 12'd1;
  assign in_map      = pixel_q + 20'(slot_q) < desc_i.pixels_out;
  assign pixel_done  = draining_q && in_map && last_half && last_column;

  // One step a cycle.
  always_ff @(posedge clk_i) begin
    if (!rst_ni) draining_q <= 1'b0;
    else if (sums_valid_i) draining_q <= 1'b1;
    else if (last_half && last_slot) draining_q <= 1'b0;
    if (sums_valid_i) sums_q <= sums_i;
  end

  always_ff @(posedge clk_i) begin
    if (start_i) begin
      column_q      <= '0;
      pixel_q       <= '0;
      tile_addr_q   <= '0;
      word_addr_q   <= '0;
      param_q       <= desc_i.param_base[ParamBits-1:0];
      groups_left_q <= desc_i.groups_out;
      half_q        <= '0;
      slot_q        <= '0;
    end else if (draining_q) begin
      half_q      <= last_half ? '0 : half_q + 8'd1;
      word_addr_q <= word_addr_q + 20'd1;
      param_q     <= param_q + ParamBits'(1);
      if (last_half) begin
        slot_q      <= last_slot ? '0 : slot_q + 3'd1;
        word_addr_q <= word_addr_q + 20'(desc_i.groups_out) - 20'(words) + 20'd1;
        param_q     <= param_q - ParamBits'(words) + ParamBits'(1);
        if (last_slot) begin
          column_q      <= last_column ? '0 : column_q + 12'd1;
          groups_left_q <= last_column ? desc_i.groups_out : groups_left_q - 8'(Columns);
          param_q       <= last_column ? desc_i.param_base[ParamBits-1:0] : param_q + ParamBits'(1);
          word_addr_q   <= last_column ? tile_addr_q + 20'(Pp) * 20'(desc_i.groups_out)
                                       : word_addr_q + 20'd1 + 20'(desc_i.groups_out) - 20'(Pp) * 20'(desc_i.groups_out);
          if (last_column) begin
            pixel_q     <= pixel_q + 20'(Pp);
            tile_addr_q <= tile_addr_q + 20'(Pp) * 20'(desc_i.groups_out);
          end
        end
      end
    end
  end

  // The step's word of sums: one pixel, Lanes columns.
  logic [Lanes*27-1:0]   word_of [0:(1<<SelectBits)-1];
  logic [Lanes*27-1:0]   selected, selected_q;
  logic [SelectBits-1:0] select;
  assign select   = SelectBits'(8'(slot_q) * 8'(Columns) + half_q);
  assign selected = word_of[select];
  for (genvar s = 0; s < (1 << SelectBits); s++) begin : gen_word
    assign word_of[s] = sums_q[(s%Steps)*Lanes*27+:Lanes*27];
  end

  // The steps travel down the pipeline: 0 selects.
  logic [Depth:0] valid, done, ended;
  logic [19:0]    addr_q [0:Depth] /* verilator split_var */;
  logic [19:0]    written_q;
  assign pass_done = pixel_done && pixel_q + 20'(slot_q) == desc_i.pixels_out - 20'd1;
  always_ff @(posedge clk_i) begin
    valid     <= rst_ni ? {valid[Depth-1:0], draining_q && in_map} : '0;
    done      <= rst_ni ? {done[Depth-1:0], pixel_done} : '0;
    ended     <= rst_ni ? {ended[Depth-1:0], pass_done} : '0;
    addr_q[0] <= word_addr_q;
    if (!rst_ni) active_q <= 1'b0;
    else if (start_i) active_q <= 1'b1;
    else if (ended[Depth]) active_q <= 1'b0;
    if (start_i) written_q <= '0;
    else if (done[Depth]) written_q <= written_q + 20'd1;
  end
  for (genvar i = 1; i <= Depth; i++) begin : gen_addr
    always_ff @(posedge clk_i) addr_q[i] <= addr_q[i-1];
  end
  assign busy_o       = active_q;
  assign written_o    = written_q;
  assign valid_o      = valid[Depth];
  assign addr_o       = addr_q[Depth] + desc_i.dst_base;
  assign param_addr_o = param_q;
  dsode_delay #(.Width(Lanes * 27), .Cycles(1)) u_selected (.clk_i, .data_i(selected), .data_o(selected_q));

  logic [19:0] state_addr_q;
  always_ff @(posedge clk_i) state_addr_q <= addr_q[StateAt-1] + desc_i.add_base;
  assign state_addr_o = state_addr_q;

  logic signed [32:0] lo_q, hi_q;
  logic               increment_q;
  always_ff @(posedge clk_i) begin
    increment_q <= desc_i.dst == dsode_cfg_pkg::DstIncrement;
    unique case (desc_i.dst)
      dsode_cfg_pkg::DstActivation: begin
        lo_q <= '0;
        hi_q <= 33'sd255 >>> (4'd8 - desc_i.activation_bits);
      end
      dsode_cfg_pkg::DstState: begin
        lo_q <= '0;
        hi_q <= 33'sd32767 >>> (5'd16 - desc_i.state_bits);
      end
      dsode_cfg_pkg::DstIncrement: begin
        lo_q <= -33'sd32768 >>> (5'd16 - desc_i.state_bits);
        hi_q <= 33'sd32767 >>> (5'd16 - desc_i.state_bits);
      end
      default: begin
        lo_q <= -33'sd2147483647;
        hi_q <= 33'sd2147483647;
      end
    endcase
  end

  // The parameters come two cycles after their address, the sums one after they were selected: level at cycle 2.
  logic [Lanes*27-1:0] acc, acc_q, bias_q, time_bias;
  logic [Lanes*48-1:0] params_q;
  dsode_delay #(.Width(Lanes * 27), .Cycles(1)) u_acc (.clk_i, .data_i(selected_q), .data_o(acc));
  dsode_delay #(.Width(Lanes * 27), .Cycles(Timed)) u_acc_timed (.clk_i, .data_i(acc), .data_o(acc_q));
  dsode_delay #(.Width(Lanes * 48), .Cycles(Timed)) u_params_timed (.clk_i, .data_i(params_i), .data_o(params_q));
  if (TimeDepth > 0) begin : gen_time
    logic [Lanes*48-1:0] params_2q;
    dsode_delay #(.Width(Lanes * 48), .Cycles(2)) u_params (.clk_i, .data_i(params_i), .data_o(params_2q));
    dsode_time_bias #(.Lanes(Lanes), .Depth(TimeDepth)) u_time_bias (
      .clk_i, .load_i, .start_i, .desc_i, .next_pixel_i(draining_q && last_half),
      .next_tile_i(last_slot && last_column), .again_i(draining_q && last_half && last_slot && !last_column),
      .group_i(8'(ParamBits'(param_q - desc_i.param_base[ParamBits-1:0]))), .bias_o(time_bias)
    );
    for (genvar l = 0; l < Lanes; l++) begin : gen_bias
      always_ff @(posedge clk_i) bias_q[l*27+:27] <= params_2q[l*32+:27] + time_bias[l*27+:27];
    end
  end else begin : gen_no_time
    logic unused_time;
    assign unused_time = ^load_i;
    assign time_bias   = '0;
    for (genvar l = 0; l < Lanes; l++) begin : gen_bias
      assign bias_q[l*27+:27] = params_i[l*32+:27] + time_bias[l*27+:27];
    end
  end

  for (genvar l = 0; l < Lanes; l++) begin : gen_lane
    logic signed [31:0] rescaled;
    logic signed [32:0] sum_q;
    logic signed [15:0] addend;

    dsode_requant u_requant (
      .clk_i, .acc_i($signed(acc_q[l*27+:27])), .bias_i($signed(bias_q[l*27+:27])),
      .multiplier_i(params_q[(2*Lanes+l)*16+:16]),
      .shift_less_1_i(desc_i.param_shift), .value_o(rescaled)
    );
    assign addend = increment_q ? $signed(state_i[l*16+:16]) : '0;
    always_ff @(posedge clk_i) begin
      sum_q <= 33'(rescaled) + 33'(addend);
      if (sum_q < lo_q) word_o[l*32+:32] <= lo_q[31:0];
      else if (sum_q > hi_q) word_o[l*32+:32] <= hi_q[31:0];
      else word_o[l*32+:32] <= sum_q[31:0];
    end
  end
endmodule
