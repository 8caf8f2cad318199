// packed_product is the product of 16 of the operands that are bytes. They are constants: the solver need not multiply.
module packed_product_proof #(
  parameter int unsigned First = 0
) (
  input logic signed [26:0] pair_i
);
  for (genvar i = 0; i < 16; i++) begin : gen_operand
    logic signed [7:0]  operand;
    logic signed [44:0] product, split;
    assign operand = First + i;
    assign product = pair_i * operand;
    packed_product u_split (
      .pair_i, .operand_i({{10{operand[7]}}, operand}), .other_i(product), .product_o(split)
    );
    always_comb assert (split == product);
  end
endmodule
