// From a source map to the operand of the product array: read, norm or cast, 3x3 window, then the depthwise sum, the
// stem's gathering or the pool, rescaled to a signed byte. A word of Lanes channels a cycle; nothing waits behind the
// reader. The cycle in which the reader names a word is 0; the numbers at the stages below count from there.
module dsode_front #(
  parameter int unsigned Pp = 1,
  parameter int unsigned Lanes = 4,
  parameter int unsigned ReplayWords = 64,
  parameter int unsigned LineWords = 64,
  parameter int unsigned Groups = 16,
  parameter int unsigned AffineDepth = 512,
  parameter int unsigned DepthwiseDepth = 512
) (
  input  logic                           clk_i,
  input  logic                           rst_ni,
  input  logic                           start_i,      // of a pass; desc_i stays until busy_o has fallen
  input  dsode_cfg_pkg::desc_t           desc_i,
  output logic                           busy_o,
  output logic                           starved_o,
  output logic                           blocked_o,
  input  dsode_pkg::load_t               load_i,
  // The source; data come two cycles after the address.
  input  logic [19:0]                    readable_i,
  output logic [19:0]                    addr_o,
  input  logic [Lanes*16-1:0]            state_i,
  input  logic [Lanes*8-1:0]             activation_i,
  input  logic [23:0]                    pixel_i,
  // The replay buffer.
  input  logic                           release_i,
  input  logic [7:0]                     release_words_i,
  output logic                           operand_valid_o,
  output logic [$clog2(ReplayWords)-1:0] operand_addr_o,
  output logic [2:0]                     operand_slot_o,
  output logic [Lanes*8-1:0]             operand_o,
  output logic                           tile_ready_o,
  // For simulation: what the window unit takes in.
  output logic                           probe_valid_o,
  output logic [Lanes*8-1:0]             probe_o
);
  localparam int unsigned Read = 2, Scaled = 8, Windowed = 10, Summed = 13, Operand = 19;

  logic                reader_busy, reader_valid;
  // The words of all stages, and those that are looked into: Yosys reads no field of an array's element.
  logic [dsode_pkg::StepBits-1:0] step [1:Operand] /* verilator split_var */;
  dsode_pkg::step_t    step_named, step_early, step_scaled, step_windowed, step_summing, step_operand;
  logic [Operand:0]    valid;
  logic [Operand:1]    valid_q;

  dsode_reader #(.Pp(Pp), .ReplayWords(ReplayWords)) u_reader (
    .clk_i, .rst_ni, .start_i, .desc_i, .busy_o(reader_busy), .readable_i, .release_i, .release_words_i,
    .valid_o(reader_valid), .addr_o, .step_o(step_named), .starved_o, .blocked_o
  );

  assign valid  = {valid_q, reader_valid};
  assign busy_o = reader_busy || valid != '0;
  always_ff @(posedge clk_i) begin
    valid_q <= rst_ni ? valid[Operand-1:0] : '0;
  end
  always_ff @(posedge clk_i) step[1] <= step_named;
  for (genvar i = 2; i <= Operand; i++) begin : gen_step
    always_ff @(posedge clk_i) step[i] <= step[i-1];
  end
  assign step_early    = step[Scaled-1];
  assign step_scaled   = step[Scaled];
  assign step_windowed = step[Windowed];
  assign step_summing  = step[Summed-1];
  assign step_operand  = step[Operand];

  // Read: the word, and the parameters of its norm.
  logic stem, pool;
  logic [Lanes*48-1:0] affine_params;
  assign stem = desc_i.window == dsode_cfg_pkg::WindowStem;
  assign pool = desc_i.window == dsode_cfg_pkg::WindowPool;
  dsode_params #(.Parts(Lanes * 3 / 2), .Depth(AffineDepth)) u_affine_params (
    .clk_i, .we_i(load_i.valid && load_i.kind == dsode_cfg_pkg::LoadAffine), .wpart_i(load_i.part),
    .waddr_i(load_i.addr[$clog2(AffineDepth)-1:0]), .wdata_i(load_i.data),
    .raddr_i($clog2(AffineDepth)'(desc_i.affine_base + 16'(step_named.group))), .data_o(affine_params)
  );

  // Scaled: bytes, of a state by its norm or cast.
  logic signed [9:0]  affine_lo_q, affine_hi_q, operand_lo_q, operand_hi_q, signed_hi, unsigned_hi;
  logic [Lanes*8-1:0] scaled, plain, plain_q, word;
  assign unsigned_hi = 10'sd255 >>> (4'd8 - desc_i.activation_bits);
  assign signed_hi   = stem ? 10'sd127 : unsigned_hi >>> 1;
  always_ff @(posedge clk_i) begin
    affine_lo_q  <= desc_i.signed_source ? -signed_hi - 10'sd1 : '0;
    affine_hi_q  <= desc_i.signed_source ? signed_hi : unsigned_hi;
    operand_lo_q <= pool ? '0 : -signed_hi - 10'sd1;
    operand_hi_q <= pool ? unsigned_hi : signed_hi;
  end
  for (genvar l = 0; l < Lanes; l++) begin : gen_affine
    dsode_affine u_affine (
      .clk_i, .z_i($signed(state_i[l*16+:16])), .scale_i($signed(affine_params[(2*Lanes+l)*16+:16])),
      .bias_i($signed(affine_params[l*32+:32])), .shift_less_1_i(desc_i.affine_shift), .lo_i(affine_lo_q),
      .hi_i(affine_hi_q), .activation_o(scaled[l*8+:8])
    );
  end
  // A pixel x is x - 128 to the array.
  assign plain = desc_i.src == dsode_cfg_pkg::SrcImage ? (Lanes * 8)'({pixel_i[23:0] ^ 24'h808080}) : activation_i;
  dsode_delay #(.Width(Lanes * 8), .Cycles(Scaled - Read)) u_plain (.clk_i, .data_i(plain), .data_o(plain_q));
  assign word = desc_i.src == dsode_cfg_pkg::SrcState ? scaled : plain_q;
  assign probe_valid_o = valid[Scaled];
  assign probe_o       = word;

  // Windowed.
  logic [Lanes*8-1:0]   newest;
  logic [9*Lanes*8-1:0] window;
  dsode_window #(.Lanes(Lanes), .LineWords(LineWords), .Groups(Groups)) u_window (
    .clk_i, .valid_i(valid[Scaled]), .early_i(step_early), .step_i(step_scaled), .word_i(word),
    .pad_i(stem ? (Lanes * 8)'(desc_i.pad) : '0), .newest_o(newest), .window_o(window)
  );

  // Summed: by taps, or over the map, or just the taps themselves.
  logic [Lanes*96-1:0] depthwise_params;   // lane l: weights 72, multiplier 16
  logic [Lanes*16-1:0] multipliers, multipliers_q;
  logic [Lanes*8-1:0]  gathered, gathered_q, pooled;
  logic [Lanes*27-1:0] pool_acc;
  // Few words, but wide: they would leave most of a block memory empty.
  localparam DepthwiseStyle = DepthwiseDepth <= 128 ? "distributed" : "auto";
  dsode_params #(.Parts(Lanes * 3), .Depth(DepthwiseDepth), .Style(DepthwiseStyle)) u_depthwise_params (
    .clk_i, .we_i(load_i.valid && load_i.kind == dsode_cfg_pkg::LoadDepthwise), .wpart_i(load_i.part),
    .waddr_i(load_i.addr[$clog2(DepthwiseDepth)-1:0]), .wdata_i(load_i.data),
    .raddr_i($clog2(DepthwiseDepth)'(desc_i.depthwise_base + 16'(step_scaled.group))), .data_o(depthwise_params)
  );
  dsode_gather #(.Lanes(Lanes)) u_gather (
    .colour_i(desc_i.colour), .word_i(step_windowed.group), .window_i(window), .operand_o(gathered)
  );
  dsode_delay #(.Width(Lanes * 8), .Cycles(Summed - Windowed)) u_gathered (
    .clk_i, .data_i(gathered), .data_o(gathered_q)
  );
  dsode_delay #(.Width(Lanes * 16), .Cycles(Summed - Windowed)) u_multipliers (
    .clk_i, .data_i(multipliers), .data_o(multipliers_q)
  );
  dsode_delay #(.Width(Lanes * 8), .Cycles(Summed - Scaled - 2)) u_newest (
    .clk_i, .data_i(newest), .data_o(pooled)
  );
  dsode_pool #(.Lanes(Lanes), .Groups(Groups)) u_pool (
    .clk_i, .valid_i(valid[Summed-1] && pool), .step_i(step_summing), .word_i(pooled), .acc_o(pool_acc)
  );

  // Operand.
  for (genvar l = 0; l < Lanes; l++) begin : gen_lane
    logic [71:0]        taps;
    logic signed [26:0] depthwise_acc, acc;
    logic signed [31:0] rescaled;
    logic [7:0]         operand_q;
    for (genvar t = 0; t < 9; t++) begin : gen_tap
      assign taps[t*8+:8] = window[(t*Lanes+l)*8+:8];
    end
    assign multipliers[l*16+:16] = depthwise_params[l*96+72+:16];
    dsode_dw_lane u_depthwise (
      .clk_i, .signed_i(desc_i.signed_source), .taps_i(taps), .weights_i(depthwise_params[l*96+:72]),
      .acc_o(depthwise_acc)
    );
    always_comb begin
      acc = depthwise_acc;
      if (stem) acc = 27'($signed(gathered_q[l*8+:8]));
      if (pool) acc = $signed(pool_acc[l*27+:27]);
    end
    dsode_requant u_requant (
      .clk_i, .acc_i(acc), .bias_i('0), .multiplier_i(multipliers_q[l*16+:16]),
      .shift_less_1_i(desc_i.depthwise_shift), .value_o(rescaled)
    );
    always_ff @(posedge clk_i) begin
      if (rescaled < 32'(operand_lo_q)) operand_q <= operand_lo_q[7:0];
      else if (rescaled > 32'(operand_hi_q)) operand_q <= operand_hi_q[7:0];
      else operand_q <= rescaled[7:0];
    end
    // A pooled value p is p - 128 to the array.
    assign operand_o[l*8+:8] = {operand_q[7] ^ pool, operand_q[6:0]};
  end

  assign operand_valid_o = valid[Operand] && step_operand.emit;
  assign operand_addr_o  = $clog2(ReplayWords)'(step_operand.replay);
  assign operand_slot_o  = step_operand.slot;
  assign tile_ready_o    = valid[Operand] && step_operand.tile_done;
endmodule
