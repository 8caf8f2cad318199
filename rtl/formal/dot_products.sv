// What dsode_chain and dsode_chain_dsp stand for: two sums of products of bytes, each by itself, in their cycles.
module dot_products #(
  parameter int unsigned Length = 8
) (
  input  logic                clk_i,
  input  logic [Length*8-1:0] operands_i,
  input  logic [Length*8-1:0] weights0_i,
  input  logic [Length*8-1:0] weights1_i,
  output logic signed [17:0]  sum0_o,
  output logic signed [17:0]  sum1_o
);
  logic signed [15:0] product0_q [0:Length-1];
  logic signed [15:0] product1_q [0:Length-1];
  logic signed [17:0] sum0_q [0:Length-1];
  logic signed [17:0] sum1_q [0:Length-1];

  for (genvar i = 0; i < Length; i++) begin : gen_element
    always_ff @(posedge clk_i) begin
      product0_q[i] <= $signed(operands_i[i*8+:8]) * $signed(weights0_i[i*8+:8]);
      product1_q[i] <= $signed(operands_i[i*8+:8]) * $signed(weights1_i[i*8+:8]);
      sum0_q[i]     <= 18'(product0_q[i]) + (i == 0 ? 18'sd0 : sum0_q[i == 0 ? 0 : i-1]);
      sum1_q[i]     <= 18'(product1_q[i]) + (i == 0 ? 18'sd0 : sum1_q[i == 0 ? 0 : i-1]);
    end
  end
  assign sum0_o = sum0_q[Length-1];
  assign sum1_o = sum1_q[Length-1];
endmodule
