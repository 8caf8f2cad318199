// Both forms of a chain of one element are exact at every cycle, from any state once that is flushed.
module chain_element_proof (
  input logic       clk_i,
  input logic [7:0] operand_i,
  input logic [7:0] weight0_i,
  input logic [7:0] weight1_i
);
  logic               same;
  logic signed [17:0] sum0;
  logic [2:0]         cycles_q = 0;

  chains #(.Length(1)) u_chains (
    .clk_i, .operands_i(operand_i), .weights0_i(weight0_i), .weights1_i(weight1_i), .same_o(same), .sum0_o(sum0)
  );
  always_ff @(posedge clk_i) if (cycles_q < 4) cycles_q <= cycles_q + 1;
  always_comb begin
    assume (weight0_i != 8'h80 && weight1_i != 8'h80);
    if (cycles_q == 4) assert (same && sum0 >= -16384 && sum0 < 16384);
  end
endmodule
