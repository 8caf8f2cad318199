// A product that keeps no more bits than its longer factor has is the same whether that factor is signed or not, and Yosys
// calls it unsigned. An unsigned factor of 27 bits takes two DSPs, a signed one takes one.
(* techmap_celltype = "$mul" *)
module signed_mul (A, B, Y);
  parameter A_SIGNED = 0;
  parameter B_SIGNED = 0;
  parameter A_WIDTH = 1;
  parameter B_WIDTH = 1;
  parameter Y_WIDTH = 1;
  (* force_downto *) input [A_WIDTH-1:0] A;
  (* force_downto *) input [B_WIDTH-1:0] B;
  (* force_downto *) output [Y_WIDTH-1:0] Y;
  wire _TECHMAP_FAIL_ = A_SIGNED || B_SIGNED || A_WIDTH != 27 || B_WIDTH > 17 || Y_WIDTH > A_WIDTH;
  \$mul #(
    .A_SIGNED(1), .B_SIGNED(1), .A_WIDTH(A_WIDTH), .B_WIDTH(B_WIDTH + 1), .Y_WIDTH(Y_WIDTH)
  ) _TECHMAP_REPLACE_ (.A(A), .B({1'b0, B}), .Y(Y));
endmodule
