// A model of Xilinx's URAM288 for the simulation of netlists, of what Yosys infers: port A reads, port B writes, nothing is
// reset, no registers beyond those of the memory. Of a word that is written while it is read, the old one is read.
module URAM288 #(
  parameter BWE_MODE_A = "PARITY_INTERLEAVED",
  parameter BWE_MODE_B = "PARITY_INTERLEAVED",
  parameter EN_AUTO_SLEEP_MODE = "FALSE",
  parameter IREG_PRE_A = "FALSE",
  parameter IREG_PRE_B = "FALSE",
  parameter IS_CLK_INVERTED = 0,
  parameter OREG_A = "FALSE",
  parameter OREG_B = "FALSE",
  parameter RST_MODE_A = "SYNC",
  parameter RST_MODE_B = "SYNC"
) (
  input  logic        CLK,
  input  logic [22:0] ADDR_A,
  input  logic [22:0] ADDR_B,
  input  logic        EN_A,
  input  logic        EN_B,
  input  logic        RDB_WR_A,
  input  logic        RDB_WR_B,
  input  logic [8:0]  BWE_A,
  input  logic [8:0]  BWE_B,
  input  logic [71:0] DIN_A,
  input  logic [71:0] DIN_B,
  output logic [71:0] DOUT_A,
  output logic [71:0] DOUT_B,
  // Not modelled.
  input  logic        INJECT_DBITERR_A,
  input  logic        INJECT_DBITERR_B,
  input  logic        INJECT_SBITERR_A,
  input  logic        INJECT_SBITERR_B,
  input  logic        RST_A,
  input  logic        RST_B,
  input  logic        SLEEP
);
  logic [71:0] mem [0:4095];

  if (BWE_MODE_B != "PARITY_INTERLEAVED" || OREG_A != "FALSE" || IREG_PRE_A != "FALSE" || IREG_PRE_B != "FALSE" ||
      IS_CLK_INVERTED != 0)
  begin : gen_unsupported
    $error("URAM288: this mode is not modelled");
  end

  // Of eight bytes, each with the bit of parity above them.
  always_ff @(posedge CLK) begin
    for (int i = 0; i < 8; i++)
      if (RDB_WR_B && BWE_B[i]) begin
        mem[ADDR_B[11:0]][8*i+:8]  <= DIN_B[8*i+:8];
        mem[ADDR_B[11:0]][64 + i] <= DIN_B[64 + i];
      end
    DOUT_A <= mem[ADDR_A[11:0]];
    assert (EN_A && EN_B && !RDB_WR_A && !RST_A && !RST_B && ADDR_A[22:12] == '0 && ADDR_B[22:12] == '0);
  end
  assign DOUT_B = '0;
endmodule
