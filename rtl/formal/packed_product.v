// pair * operand by two products of bytes, where pair is weight1 2^18 + weight0 of bytes and operand a byte, sign-extended;
// otherwise other_i. A solver that cannot multiply sees in it the products that the chains stand for.
module packed_product (
  input  [26:0] pair_i,
  input  [17:0] operand_i,
  input  [44:0] other_i,
  output [44:0] product_o
);
  wire signed [7:0]  operand  = operand_i[7:0];
  wire signed [7:0]  weight0  = pair_i[7:0];
  wire        [8:0]  high     = pair_i[26:18] - {9{weight0[7]}};
  wire signed [7:0]  weight1  = high[7:0];
  wire signed [15:0] product0 = operand * weight0;
  wire signed [15:0] product1 = operand * weight1;
  wire signed [44:0] split    = $signed({product1, 18'b0}) + product0;
  wire is_pair = pair_i[17:8] == {10{weight0[7]}} && high[8] == high[7];
  wire is_byte = operand_i[17:8] == {10{operand[7]}};
  assign product_o = is_pair && is_byte ? split : $signed(other_i);
endmodule
