// A model of Xilinx's RAMB36E2, of what Yosys infers; see block_ram.
module RAMB36E2 #(
  parameter int DOA_REG = 1,
  parameter int DOB_REG = 1,
  parameter int READ_WIDTH_A = 0,
  parameter int READ_WIDTH_B = 0,
  parameter int WRITE_WIDTH_A = 0,
  parameter int WRITE_WIDTH_B = 0,
  parameter WRITE_MODE_A = "NO_CHANGE",
  parameter WRITE_MODE_B = "NO_CHANGE",
  parameter logic [71:0] INIT_A = '0,
  parameter logic [71:0] INIT_B = '0,
  parameter logic [71:0] SRVAL_A = '0,
  parameter logic [71:0] SRVAL_B = '0
) (
  input  logic        CLKARDCLK,
  input  logic        CLKBWRCLK,
  input  logic        ENARDEN,
  input  logic        ENBWREN,
  input  logic [14:0] ADDRARDADDR,
  input  logic [14:0] ADDRBWRADDR,
  input  logic [3:0]  WEA,
  input  logic [7:0]  WEBWE,
  input  logic [31:0] DINADIN,
  input  logic [31:0] DINBDIN,
  input  logic [3:0]  DINPADINP,
  input  logic [3:0]  DINPBDINP,
  output logic [31:0] DOUTADOUT,
  output logic [31:0] DOUTBDOUT,
  output logic [3:0]  DOUTPADOUTP,
  output logic [3:0]  DOUTPBDOUTP,
  // Not modelled.
  input  logic        ADDRENA,
  input  logic        ADDRENB,
  input  logic        REGCEAREGCE,
  input  logic        REGCEB,
  input  logic        RSTRAMARSTRAM,
  input  logic        RSTRAMB,
  input  logic        RSTREGARSTREG,
  input  logic        RSTREGB,
  input  logic        SLEEP
);
  if (DOA_REG != 0 || DOB_REG != 0) begin : gen_register
    $error("RAMB36E2: output registers are not modelled");
  end

  block_ram #(
    .PortBytes(4), .Depth(4096), .ReadWidthA(READ_WIDTH_A), .ReadWidthB(READ_WIDTH_B),
    .WriteWidthA(WRITE_WIDTH_A), .WriteWidthB(WRITE_WIDTH_B)
  ) u_block_ram (
    .clk_i(CLKARDCLK), .address_a_i(ADDRARDADDR[14:3]), .address_b_i(ADDRBWRADDR[14:3]), .write_a_i(WEA),
    .write_b_i(WEBWE), .data_a_i(DINADIN), .data_b_i(DINBDIN), .parity_a_i(DINPADINP), .parity_b_i(DINPBDINP),
    .data_a_o(DOUTADOUT), .data_b_o(DOUTBDOUT), .parity_a_o(DOUTPADOUTP), .parity_b_o(DOUTPBDOUTP)
  );
  always_ff @(posedge CLKARDCLK)
    assert (CLKBWRCLK && ENARDEN && ENBWREN && !RSTRAMARSTRAM && !RSTRAMB);   // one clock
endmodule
