// Two dot products of Length bytes that share their operands, systolic: element i takes its operand and weights i cycles
// after element 0, and both sums leave 1 + Length cycles after element 0's. One product serves both: with the pair
// w1 2^18 + w0 the low 18 bits gather the first sum, the bits above the second one, short of 1 where the first is negative.
// Exact while |weight| <= 127 and Length <= 8, for then the first sum fits its 18 bits: 8 x 127 x 128 < 2^17.
module dsode_chain #(
  parameter int unsigned Length = 8
) (
  input  logic                 clk_i,
  input  logic [Length*8-1:0]  operands_i,
  input  logic [Length*27-1:0] pairs_i,
  output logic signed [17:0]   sum0_o,
  output logic signed [17:0]   sum1_o
);
  logic signed [35:0] product_q [0:Length-1] /* verilator split_var */;
  logic signed [35:0] sum_q [0:Length-1] /* verilator split_var */;

  for (genvar i = 0; i < Length; i++) begin : gen_element
    logic signed [7:0]  operand;
    logic signed [26:0] pair;
    assign operand = $signed(operands_i[i*8+:8]);
    assign pair    = $signed(pairs_i[i*27+:27]);
    always_ff @(posedge clk_i) product_q[i] <= 36'(operand) * 36'(pair);
    if (i == 0) begin : gen_head
      always_ff @(posedge clk_i) sum_q[0] <= product_q[0];
    end else begin : gen_link
      always_ff @(posedge clk_i) sum_q[i] <= sum_q[i-1] + product_q[i];
    end
  end
  assign sum0_o = sum_q[Length-1][17:0];
  assign sum1_o = sum_q[Length-1][35:18] + 18'(sum_q[Length-1][17]);
endmodule
