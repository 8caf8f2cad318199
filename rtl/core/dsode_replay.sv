// Ring of operand words: written as they come, Lanes channels of one pixel at a time, read by the product array Pc channels
// of the tile's Pp pixels at a time, as often as there are tiles of output channels. Row i is read i % Chain cycles after
// row 0, whose operands come two cycles after its address.
module dsode_replay #(
  parameter int unsigned Pc = 4,
  parameter int unsigned Pp = 1,
  parameter int unsigned Lanes = 4,
  parameter int unsigned Chain = 4,
  parameter int unsigned Words = 64
) (
  input  logic                      clk_i,
  input  logic                      we_i,
  input  logic [$clog2(Words)-1:0]  waddr_i,
  input  logic [2:0]                slot_i,
  input  logic [Lanes*8-1:0]        wdata_i,
  input  logic [$clog2(Words)-1:0]  raddr_i,
  input  logic [7:0]                part_i,     // which Pc of the word's Lanes channels
  output logic [Pc*Pp*8-1:0]        operands_o  // row i, pixel p at (i Pp + p) 8
);
  localparam int unsigned Parts = Lanes / Pc;
  localparam int unsigned PartBits = Parts > 1 ? $clog2(Parts) : 1;
  localparam int unsigned WordBits = $clog2(Words);

  logic unused_part;
  assign unused_part = ^part_i;

  for (genvar i = 0; i < Pc; i++) begin : gen_row
    logic [WordBits-1:0] raddr;
    logic [PartBits-1:0] part;
    logic [Pp*8-1:0]     read [0:(1<<PartBits)-1];
    logic [Pp*8-1:0]     operand_q;

    dsode_delay #(.Width(WordBits), .Cycles(i % Chain)) u_raddr (.clk_i, .data_i(raddr_i), .data_o(raddr));
    dsode_delay #(.Width(PartBits), .Cycles(i % Chain + 1)) u_part (
      .clk_i, .data_i(part_i[PartBits-1:0]), .data_o(part)
    );

    for (genvar j = 0; j < Parts; j++) begin : gen_part
      for (genvar p = 0; p < Pp; p++) begin : gen_pixel
        dsode_ram #(.Width(8), .Depth(Words), .OutputRegister(0), .Style("distributed")) u_bytes (
          .clk_i, .we_i(we_i && slot_i == 3'(p)), .waddr_i, .wdata_i(wdata_i[(j*Pc+i)*8+:8]), .raddr_i(raddr),
          .rdata_o(read[j][p*8+:8])
        );
      end
    end
    if (Parts == 1) begin : gen_no_part
      assign read[1] = '0;
    end
    always_ff @(posedge clk_i) operand_q <= read[part];
    assign operands_o[i*Pp*8+:Pp*8] = operand_q;
  end
endmodule
