// Both forms of the chain are exact for every length up to 8 at every cycle, from any state once that is flushed, if their
// elements are and have a first product in [-2^14, Limit).
module chain_proof #(
  parameter int Limit = 16384
) (
  input logic        clk_i,
  input logic [63:0] operands_i,
  input logic [63:0] weights0_i,
  input logic [63:0] weights1_i
);
  logic [3:0] cycles_q = 0;

  always_ff @(posedge clk_i) if (cycles_q < 11) cycles_q <= cycles_q + 1;

  // What chain_element_proof says.
  for (genvar i = 0; i < 8; i++) begin : gen_element
    logic               same;
    logic signed [17:0] sum0;
    chains #(.Length(1)) u_chains (
      .clk_i, .operands_i(operands_i[i*8+:8]), .weights0_i(weights0_i[i*8+:8]), .weights1_i(weights1_i[i*8+:8]),
      .same_o(same), .sum0_o(sum0)
    );
    always_comb if (cycles_q >= 4) assume (same && sum0 >= -16384 && sum0 < Limit);
  end

  // The sum that an element gets of those before it is the chain's that ends there.
  for (genvar n = 1; n <= 8; n++) begin : gen_length
    logic               same;
    logic signed [17:0] sum0;
    chains #(.Length(n)) u_chains (
      .clk_i, .operands_i(operands_i[n*8-1:0]), .weights0_i(weights0_i[n*8-1:0]), .weights1_i(weights1_i[n*8-1:0]),
      .same_o(same), .sum0_o(sum0)
    );
    always_comb if (cycles_q >= 3 + n) assert (same && sum0 >= -16384 * n && sum0 <= (Limit - 1) * n);
  end
endmodule
