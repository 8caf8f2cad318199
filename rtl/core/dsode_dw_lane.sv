// Depthwise sum of one channel: nine taps times nine weights, three cycles later. Taps are unsigned or signed bytes.
module dsode_dw_lane (
  input  logic               clk_i,
  input  logic               signed_i,
  input  logic [71:0]        taps_i,
  input  logic [71:0]        weights_i,
  output logic signed [26:0] acc_o
);
  logic signed [16:0] product_q [0:8] /* verilator split_var */;
  logic signed [18:0] row_q [0:2] /* verilator split_var */;

  for (genvar i = 0; i < 9; i++) begin : gen_tap
    logic signed [8:0] tap;
    logic signed [7:0] weight;
    assign tap    = $signed({signed_i && taps_i[i*8+7], taps_i[i*8+:8]});
    assign weight = $signed(weights_i[i*8+:8]);
    always_ff @(posedge clk_i) product_q[i] <= tap * weight;
  end

  for (genvar i = 0; i < 3; i++) begin : gen_row
    always_ff @(posedge clk_i) row_q[i] <= 19'(product_q[3*i]) + 19'(product_q[3*i+1]) + 19'(product_q[3*i+2]);
  end
  always_ff @(posedge clk_i) acc_o <= 27'(row_q[0]) + 27'(row_q[1]) + 27'(row_q[2]);
endmodule
