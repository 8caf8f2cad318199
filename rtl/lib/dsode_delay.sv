// The input, Cycles clocks later (0: the input itself). Not reset: a valid bit that travels beside the data has its own
// register.
module dsode_delay #(
  parameter int unsigned Width = 1,
  parameter int unsigned Cycles = 1
) (
  input  logic             clk_i,
  input  logic [Width-1:0] data_i,
  output logic [Width-1:0] data_o
);
  if (Cycles == 0) begin : gen_wire
    logic unused_clk;
    assign unused_clk = clk_i;
    assign data_o = data_i;
  end else begin : gen_registers
    logic [Width-1:0] data_q [0:Cycles-1] /* verilator split_var */;
    always_ff @(posedge clk_i) data_q[0] <= data_i;
    for (genvar i = 1; i < Cycles; i++) begin : gen_stage
      always_ff @(posedge clk_i) data_q[i] <= data_q[i-1];
    end
    assign data_o = data_q[Cycles-1];
  end
endmodule
