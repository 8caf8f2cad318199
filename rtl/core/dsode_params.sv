// A bank of parameters as wide as `Parts` words of 32 bits, loaded one of them at a time; read latency 2.
module dsode_params #(
  parameter int unsigned Parts = 12,
  parameter int unsigned Depth = 512,
  parameter Style = "auto"
) (
  input  logic                     clk_i,
  input  logic                     we_i,
  input  logic [11:0]              wpart_i,
  input  logic [$clog2(Depth)-1:0] waddr_i,
  input  logic [31:0]              wdata_i,
  input  logic [$clog2(Depth)-1:0] raddr_i,
  output logic [Parts*32-1:0]      data_o
);
  for (genvar p = 0; p < Parts; p++) begin : gen_part
    dsode_ram #(.Width(32), .Depth(Depth), .Style(Style)) u_part (
      .clk_i, .we_i(we_i && wpart_i == 12'(p)), .waddr_i, .wdata_i, .raddr_i, .rdata_o(data_o[p*32+:32])
    );
  end
endmodule
