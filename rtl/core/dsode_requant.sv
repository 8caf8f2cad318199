// rsh((acc + bias) multiplier, shift), saturated to +-(2^31 - 1), five cycles later. acc + bias wraps in 27 bits, as the
// pre-adder of a DSP does.
module dsode_requant (
  input  logic               clk_i,
  input  logic signed [26:0] acc_i,
  input  logic signed [26:0] bias_i,
  input  logic [15:0]        multiplier_i,
  input  logic [5:0]         shift_less_1_i,
  output logic signed [31:0] value_o
);
  logic signed [26:0] sum_q;
  logic signed [16:0] multiplier_q;
  logic signed [43:0] product_q, product_2q;

  always_ff @(posedge clk_i) begin
    sum_q        <= acc_i + bias_i;
    multiplier_q <= $signed({1'b0, multiplier_i});
    product_q    <= sum_q * multiplier_q;
    product_2q   <= product_q;
  end

  dsode_round #(.In(44), .Out(32)) u_round (.clk_i, .value_i(product_2q), .shift_less_1_i, .value_o);
endmodule
