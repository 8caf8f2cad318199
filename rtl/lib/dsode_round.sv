// rsh(value, shift) = floor((value + 2^(shift-1)) / 2^shift), saturated to +-(2^(Out-1) - 1), two cycles later. The shift
// comes as shift - 1, and the 1/2 is added when all but one of its places are done: a carry of one bit less.
module dsode_round #(
  parameter int unsigned In = 44,
  parameter int unsigned Out = 32
) (
  input  logic                  clk_i,
  input  logic signed [In-1:0]  value_i,
  input  logic [5:0]            shift_less_1_i,
  output logic signed [Out-1:0] value_o
);
  localparam logic signed [Out-1:0] Max = {1'b0, {Out - 1{1'b1}}};

  logic signed [In-1:0] shifted_q;
  logic signed [In:0]   rounded;
  logic                 sign, fits;

  // To be halved.
  assign rounded = $signed({shifted_q[In-1], shifted_q}) + $signed({{In{1'b0}}, 1'b1});
  assign sign    = rounded[In];
  assign fits    = rounded[In-1:Out] == {In - Out{sign}};

  always_ff @(posedge clk_i) begin
    shifted_q <= value_i >>> shift_less_1_i;
    if (fits && rounded[Out:1] != {1'b1, {Out - 1{1'b0}}}) value_o <= rounded[Out:1];
    else value_o <= sign ? -Max : Max;
  end
endmodule
