// The two forms of the chain as dsode_pw_array has them, and what they stand for. same_o: all give the same sums.
module chains #(
  parameter int unsigned Length = 8
) (
  input  logic                clk_i,
  input  logic [Length*8-1:0] operands_i,
  input  logic [Length*8-1:0] weights0_i,
  input  logic [Length*8-1:0] weights1_i,
  output logic                same_o,
  output logic signed [17:0]  sum0_o
);
  logic [Length*8-1:0]  operands, weights0, weights1;
  logic [Length*27-1:0] pairs;
  logic [35:0]          sums, sums_plain, sums_dsp;

  for (genvar i = 0; i < Length; i++) begin : gen_front
    logic signed [7:0] weight0, weight1;
    dsode_delay #(.Width(24), .Cycles(2)) u_front (
      .clk_i, .data_i({operands_i[i*8+:8], weights1_i[i*8+:8], weights0_i[i*8+:8]}),
      .data_o({operands[i*8+:8], weight1, weight0})
    );
    assign weights0[i*8+:8] = weight0;
    assign weights1[i*8+:8] = weight1;
    assign pairs[i*27+:27]  = {weight1[7], weight1, 18'b0} + 27'(weight0);
  end

  dot_products #(.Length(Length)) u_dot_products (
    .clk_i, .operands_i(operands), .weights0_i(weights0), .weights1_i(weights1), .sum0_o(sums[17:0]),
    .sum1_o(sums[35:18])
  );
  dsode_chain #(.Length(Length)) u_chain (
    .clk_i, .operands_i(operands), .pairs_i(pairs), .sum0_o(sums_plain[17:0]), .sum1_o(sums_plain[35:18])
  );
  dsode_chain_dsp #(.Length(Length)) u_chain_dsp (
    .clk_i, .operands_i, .weights0_i, .weights1_i, .sum0_o(sums_dsp[17:0]), .sum1_o(sums_dsp[35:18])
  );
  assign same_o = sums == sums_plain && sums == sums_dsp;
  assign sum0_o = sums[17:0];
endmodule
