// Two dot products of Length bytes that share their operands, systolic: element i takes its operand and weights i cycles
// after element 0, and both sums leave 1 + Length cycles after element 0's. Exact while |weight| <= 127 and Length <= 8.
// The plain form of the chain of DSP48E2 slices, cycle by cycle; see dsode_pw_array for the registers in front.
module dsode_chain #(
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

  for (genvar i = 0; i < int'(Length); i++) begin : gen_element
    logic signed [7:0] operand, weight0, weight1;
    assign operand = $signed(operands_i[i*8+:8]);
    assign weight0 = $signed(weights0_i[i*8+:8]);
    assign weight1 = $signed(weights1_i[i*8+:8]);
    always_ff @(posedge clk_i) begin
      product0_q[i] <= operand * weight0;
      product1_q[i] <= operand * weight1;
    end
    if (i == 0) begin : gen_head
      always_ff @(posedge clk_i) begin
        sum0_q[0] <= 18'(product0_q[0]);
        sum1_q[0] <= 18'(product1_q[0]);
      end
    end else begin : gen_link
      always_ff @(posedge clk_i) begin
        sum0_q[i] <= sum0_q[i-1] + 18'(product0_q[i]);
        sum1_q[i] <= sum1_q[i-1] + 18'(product1_q[i]);
      end
    end
  end
  assign sum0_o = sum0_q[Length-1];
  assign sum1_o = sum1_q[Length-1];
endmodule
