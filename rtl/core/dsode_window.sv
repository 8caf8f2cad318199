// The 3x3 windows of a stream of pixels whose channels come in groups: two rows in a ring of words, two columns in
// registers a group. A word at cycle 0 with its step completes the window centred one row and one pixel before it, which
// leaves at cycle 2. Taps outside of the map hold `pad_i`. The step must come one cycle before its word.
module dsode_window #(
  parameter int unsigned Lanes = 4,
  parameter int unsigned LineWords = 64,   // of a row: width times groups
  parameter int unsigned Groups = 16
) (
  input  logic               clk_i,
  input  logic               valid_i,      // of word_i and step_i
  input  dsode_pkg::step_t   early_i,      // the step of the next cycle's word
  input  dsode_pkg::step_t   step_i,       // of word_i
  input  logic [Lanes*8-1:0] word_i,
  input  logic [Lanes*8-1:0] pad_i,
  output logic [Lanes*8-1:0] newest_o,     // word_i, one cycle later
  output logic [9*Lanes*8-1:0] window_o    // taps ky, kx, then lanes
);
  localparam int unsigned Bits = Lanes * 8;
  localparam int unsigned RingBits = $clog2(LineWords);
  localparam int unsigned GroupBits = Groups > 1 ? $clog2(Groups) : 1;

  logic [2*Bits-1:0] above;             // {two rows up, one row up}
  logic [3*Bits-1:0] column_q;          // top, middle, bottom
  logic [6*Bits-1:0] held;              // {two columns back, one back} of this group
  (* ram_style = "distributed" *)
  logic [6*Bits-1:0] columns [0:Groups-1];
  logic              valid_q;
  dsode_pkg::step_t  step_q;

  dsode_ram #(.Width(2 * Bits), .Depth(LineWords), .OutputRegister(0)) u_rows (
    .clk_i, .we_i(valid_i), .waddr_i(step_i.ring[RingBits-1:0]), .wdata_i({above[Bits-1:0], word_i}),
    .raddr_i(early_i.ring[RingBits-1:0]), .rdata_o(above)
  );

  assign held     = columns[step_q.group[GroupBits-1:0]];
  assign newest_o = column_q[Bits-1:0];

  always_ff @(posedge clk_i) begin
    valid_q  <= valid_i;
    step_q   <= step_i;
    column_q <= {above, word_i};
    if (valid_q) columns[step_q.group[GroupBits-1:0]] <= {held[3*Bits-1:0], column_q};
  end

  // Tap (ky, kx): column kx of left, middle, right; row ky of top, middle, bottom.
  for (genvar ky = 0; ky < 3; ky++) begin : gen_row
    for (genvar kx = 0; kx < 3; kx++) begin : gen_column
      logic [Bits-1:0] tap;
      logic            outside;
      if (kx == 2) assign tap = column_q[(2-ky)*Bits+:Bits];
      else assign tap = held[((1-kx)*3+2-ky)*Bits+:Bits];
      assign outside = (ky == 0 && step_q.outside_t) || (ky == 2 && step_q.outside_b) ||
                       (kx == 0 && step_q.outside_l) || (kx == 2 && step_q.outside_r);
      always_ff @(posedge clk_i) window_o[(ky*3+kx)*Bits+:Bits] <= outside ? pad_i : tap;
    end
  end
endmodule
