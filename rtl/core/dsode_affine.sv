// clamp(rsh(z scale + bias, shift), lo, hi) of one channel, six cycles later: a norm with its ReLU, or a cast.
module dsode_affine (
  input  logic               clk_i,
  input  logic signed [15:0] z_i,
  input  logic signed [15:0] scale_i,
  input  logic signed [31:0] bias_i,
  input  logic [5:0]         shift_less_1_i,
  input  logic signed [9:0]  lo_i,
  input  logic signed [9:0]  hi_i,
  output logic [7:0]         activation_o
);
  logic signed [15:0] z_q, scale_q;
  logic signed [31:0] bias_q, bias_2q, product_q;
  logic signed [33:0] sum_q;
  logic signed [9:0]  rounded;

  always_ff @(posedge clk_i) begin
    z_q       <= z_i;
    scale_q   <= scale_i;
    bias_q    <= bias_i;
    bias_2q   <= bias_q;
    product_q <= z_q * scale_q;
    sum_q     <= 34'(product_q) + 34'(bias_2q);
    if (rounded < lo_i) activation_o <= lo_i[7:0];
    else if (rounded > hi_i) activation_o <= hi_i[7:0];
    else activation_o <= rounded[7:0];
  end

  dsode_round #(.In(34), .Out(10)) u_round (.clk_i, .value_i(sum_q), .shift_less_1_i, .value_o(rounded));
endmodule
