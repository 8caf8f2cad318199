// Weights of the product array: a word holds one for each of Pc rows and Pk columns. Row i is read i % Chain cycles after row
// 0, whose weights come two cycles after the address. Loaded 32 bits at a time: part (i Pk/4 + q) of a word is columns 4q
// to 4q + 3 of row i.
module dsode_weights #(
  parameter int unsigned Pc = 4,
  parameter int unsigned Pk = 4,
  parameter int unsigned Chain = 4,
  parameter int unsigned Depth = 512
) (
  input  logic                     clk_i,
  input  logic                     we_i,
  input  logic [11:0]              wpart_i,
  input  logic [$clog2(Depth)-1:0] waddr_i,
  input  logic [31:0]              wdata_i,
  input  logic [$clog2(Depth)-1:0] raddr_i,
  output logic [Pc*Pk*8-1:0]       weights_o  // row i, column k at (i Pk + k) 8
);
  for (genvar i = 0; i < Pc; i++) begin : gen_row
    logic [$clog2(Depth)-1:0] raddr;
    dsode_delay #(.Width($clog2(Depth)), .Cycles(i % Chain)) u_raddr (.clk_i, .data_i(raddr_i), .data_o(raddr));
    for (genvar q = 0; q < Pk / 4; q++) begin : gen_part
      dsode_ram #(.Width(32), .Depth(Depth), .Style("block")) u_part (
        .clk_i, .we_i(we_i && wpart_i == 12'(i * Pk / 4 + q)), .waddr_i, .wdata_i, .raddr_i(raddr),
        .rdata_o(weights_o[(i*Pk+4*q)*8+:32])
      );
    end
  end
endmodule
