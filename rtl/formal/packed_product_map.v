// For techmap: the multipliers of DSP48E2 (27 x 18 bits) and of dsode_chain (both factors extended to 36 bits) become
// packed_product, and give anything where it takes other_i.
(* techmap_celltype = "$mul" *)
module multiplier (A, B, Y);
  parameter A_SIGNED = 0;
  parameter B_SIGNED = 0;
  parameter A_WIDTH = 1;
  parameter B_WIDTH = 1;
  parameter Y_WIDTH = 1;
  input  [A_WIDTH-1:0] A;
  input  [B_WIDTH-1:0] B;
  output [Y_WIDTH-1:0] Y;

  localparam Slice = A_SIGNED && B_SIGNED && A_WIDTH == 27 && B_WIDTH == 18 && Y_WIDTH == 45;
  localparam Plain = A_SIGNED && B_SIGNED && A_WIDTH == 36 && B_WIDTH == 36 && Y_WIDTH == 36;
  wire _TECHMAP_FAIL_ = !Slice && !Plain;

  wire [44:0] anything, product;
  \$anyseq #(.WIDTH(45)) u_anything (.Y(anything));
  generate
    if (Plain) begin
      wire fits = A[35:17] == {19{A[17]}} && B[35:26] == {10{B[26]}};
      packed_product u_product (.pair_i(B[26:0]), .operand_i(A[17:0]), .other_i(anything), .product_o(product));
      assign Y = fits ? product : anything;
    end else begin
      packed_product u_product (.pair_i(A), .operand_i(B), .other_i(anything), .product_o(product));
      assign Y = product;
    end
  endgenerate
endmodule
