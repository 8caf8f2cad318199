// Simple dual-port memory, one clock: a write port and a read port with a latency of 1, or 2 with OutputRegister.
// A word must not be read in the cycle that writes it: hardware may give either value.
module dsode_ram #(
  parameter int unsigned Width = 32,
  parameter int unsigned Depth = 512,
  parameter int unsigned OutputRegister = 1,
  parameter Style = "auto"
) (
  input  logic                     clk_i,
  input  logic                     we_i,
  input  logic [$clog2(Depth)-1:0] waddr_i,
  input  logic [Width-1:0]         wdata_i,
  input  logic [$clog2(Depth)-1:0] raddr_i,
  output logic [Width-1:0]         rdata_o
);
  (* ram_style = Style *)
  logic [Width-1:0] mem [0:Depth-1];
  logic [Width-1:0] read_q;

  always_ff @(posedge clk_i) begin
    if (we_i) mem[waddr_i] <= wdata_i;
    read_q <= mem[raddr_i];
  end

  dsode_delay #(.Width(Width), .Cycles(OutputRegister)) u_output (.clk_i, .data_i(read_q), .data_o(rdata_o));
endmodule
