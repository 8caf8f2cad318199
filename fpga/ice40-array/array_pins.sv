// The product array behind few pads: operands, weights and controls are shifted in, sums shifted out, so that place and route
// tells what the array itself reaches.
module array_pins #(
  parameter int unsigned Pc = 2,
  parameter int unsigned Pk = 4
) (
  input  logic clk_i,
  input  logic rst_ni,
  input  logic data_i,
  output logic data_o
);
  localparam int unsigned In = Pc * 8 + Pc * Pk * 8 + 3;

  logic [In-1:0]    in_q;
  logic [Pk*27-1:0] sums, out_q;
  logic             valid, first, last, done;
  logic [Pc*8-1:0]    operands;
  logic [Pc*Pk*8-1:0] weights;

  assign {valid, first, last, operands, weights} = in_q;
  assign data_o = out_q[0];
  always_ff @(posedge clk_i) begin
    in_q  <= {in_q[In-2:0], data_i};
    out_q <= done ? sums : out_q >> 1;
  end

  dsode_pw_array #(.Pc(Pc), .Pk(Pk), .Pp(1), .Chain(Pc)) u_array (
    .clk_i, .rst_ni, .valid_i(valid), .first_i(first), .last_i(last), .operands_i(operands), .weights_i(weights),
    .last_o(done), .acc_o(sums)
  );
endmodule
