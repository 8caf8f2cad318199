// What models of RAMB18E2 and RAMB36E2 have in common, for the simulation of netlists: memory as Yosys infers it, with words of
// nine bits a byte, one clock, no output registers, no initial content. Words wider than a port take both ports' data.
// Of a byte that is written while it is read, the old value is read.
module block_ram #(
  parameter int unsigned PortBytes = 4,
  parameter int unsigned Depth = 4096,     // bytes
  parameter int unsigned ReadWidthA = 0,
  parameter int unsigned ReadWidthB = 0,
  parameter int unsigned WriteWidthA = 0,
  parameter int unsigned WriteWidthB = 0
) (
  input  logic                     clk_i,
  input  logic [$clog2(Depth)-1:0] address_a_i,
  input  logic [$clog2(Depth)-1:0] address_b_i,
  input  logic [PortBytes-1:0]     write_a_i,
  input  logic [2*PortBytes-1:0]   write_b_i,
  input  logic [PortBytes*8-1:0]   data_a_i,
  input  logic [PortBytes*8-1:0]   data_b_i,
  input  logic [PortBytes-1:0]     parity_a_i,
  input  logic [PortBytes-1:0]     parity_b_i,
  output logic [PortBytes*8-1:0]   data_a_o,
  output logic [PortBytes*8-1:0]   data_b_o,
  output logic [PortBytes-1:0]     parity_a_o,
  output logic [PortBytes-1:0]     parity_b_o
);
  localparam int unsigned AddressBits = $clog2(Depth);
  localparam bit WideRead  = ReadWidthA > 9 * PortBytes;
  localparam bit WideWrite = WriteWidthB > 9 * PortBytes;
  // A word's first byte. Of a port that is not used it does not matter.
  localparam logic [AddressBits-1:0] ReadMaskA  = ~AddressBits'(ReadWidthA / 9 - 1);
  localparam logic [AddressBits-1:0] ReadMaskB  = ~AddressBits'(ReadWidthB / 9 - 1);
  localparam logic [AddressBits-1:0] WriteMaskA = ~AddressBits'(WriteWidthA / 9 - 1);
  localparam logic [AddressBits-1:0] WriteMaskB = ~AddressBits'(WriteWidthB / 9 - 1);

  logic [8:0]               mem [0:Depth-1];
  logic [2*PortBytes*8-1:0] wide_q, wide_data;
  logic [2*PortBytes-1:0]   wide_parity_q, wide_parity;
  logic [PortBytes*8-1:0]   read_b_q;
  logic [PortBytes-1:0]     read_parity_b_q;

  if (ReadWidthA % 9 != 0 || ReadWidthB % 9 != 0 || WriteWidthA % 9 != 0 || WriteWidthB % 9 != 0) begin : gen_narrow
    $error("block_ram: words without parity are not modelled");
  end

  assign wide_data   = WideWrite ? {data_b_i, data_a_i} : {data_b_i, data_b_i};
  assign wide_parity = WideWrite ? {parity_b_i, parity_a_i} : {parity_b_i, parity_b_i};
  assign {data_b_o, parity_b_o} = WideRead ? {wide_q[PortBytes*8+:PortBytes*8], wide_parity_q[PortBytes+:PortBytes]}
                                           : {read_b_q, read_parity_b_q};
  assign {data_a_o, parity_a_o} = {wide_q[PortBytes*8-1:0], wide_parity_q[PortBytes-1:0]};

  for (genvar i = 0; i < 2 * PortBytes; i++) begin : gen_byte
    always_ff @(posedge clk_i)
      if (9 * i < ReadWidthA) {wide_parity_q[i], wide_q[8*i+:8]} <= mem[(address_a_i & ReadMaskA) + AddressBits'(i)];
  end
  for (genvar i = 0; i < PortBytes; i++) begin : gen_byte_b
    always_ff @(posedge clk_i)
      if (9 * i < ReadWidthB) {read_parity_b_q[i], read_b_q[8*i+:8]} <= mem[(address_b_i & ReadMaskB) + AddressBits'(i)];
  end
  always_ff @(posedge clk_i) begin
    for (int i = 0; i < PortBytes; i++)
      if (9 * i < WriteWidthA && write_a_i[i])
        mem[(address_a_i & WriteMaskA) + AddressBits'(i)] <= {parity_a_i[i], data_a_i[8*i+:8]};
    for (int i = 0; i < 2 * PortBytes; i++)
      if (9 * i < WriteWidthB && write_b_i[i])
        mem[(address_b_i & WriteMaskB) + AddressBits'(i)] <= {wide_parity[i], wide_data[8*i+:8]};
  end
endmodule
