// Sums each channel over the pixels of a map: a word of Lanes bytes, unsigned, at cycle 0; the sum with it at cycle 1.
module dsode_pool #(
  parameter int unsigned Lanes = 4,
  parameter int unsigned Groups = 16
) (
  input  logic                clk_i,
  input  logic                valid_i,
  input  dsode_pkg::step_t    step_i,
  input  logic [Lanes*8-1:0]  word_i,
  output logic [Lanes*27-1:0] acc_o
);
  localparam int unsigned GroupBits = Groups > 1 ? $clog2(Groups) : 1;

  (* ram_style = "distributed" *)
  logic [Lanes*27-1:0]  sums [0:Groups-1];
  logic [GroupBits-1:0] group;
  logic [Lanes*27-1:0]  so_far, sum;
  logic                 unused;

  assign group  = step_i.group[GroupBits-1:0];
  assign so_far = sums[group];
  assign unused = ^step_i;

  for (genvar l = 0; l < Lanes; l++) begin : gen_lane
    assign sum[l*27+:27] = (step_i.first ? '0 : so_far[l*27+:27]) + 27'(word_i[l*8+:8]);
  end

  always_ff @(posedge clk_i) begin
    if (valid_i) sums[group] <= sum;
    acc_o <= sum;
  end
endmodule
