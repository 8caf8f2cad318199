// A model of Xilinx's RAM64M8 for the simulation of netlists: seven columns of 64 bits, one write address. (Yosys can write its
// own as shifts of single bits only, which Verilator takes for narrow.)
module RAM64M8 #(
  parameter logic [63:0] INIT_A = '0,
  parameter logic [63:0] INIT_B = '0,
  parameter logic [63:0] INIT_C = '0,
  parameter logic [63:0] INIT_D = '0,
  parameter logic [63:0] INIT_E = '0,
  parameter logic [63:0] INIT_F = '0,
  parameter logic [63:0] INIT_G = '0
) (
  input  logic       WCLK,
  input  logic       WE,
  input  logic [5:0] ADDRA,
  input  logic [5:0] ADDRB,
  input  logic [5:0] ADDRC,
  input  logic [5:0] ADDRD,
  input  logic [5:0] ADDRE,
  input  logic [5:0] ADDRF,
  input  logic [5:0] ADDRG,
  input  logic [5:0] ADDRH,
  input  logic       DIA,
  input  logic       DIB,
  input  logic       DIC,
  input  logic       DID,
  input  logic       DIE,
  input  logic       DIF,
  input  logic       DIG,
  output logic       DOA,
  output logic       DOB,
  output logic       DOC,
  output logic       DOD,
  output logic       DOE,
  output logic       DOF,
  output logic       DOG
);
  logic [6:0] mem [0:63];
  always_ff @(posedge WCLK) if (WE) mem[ADDRH] <= {DIG, DIF, DIE, DID, DIC, DIB, DIA};
  assign DOA = mem[ADDRA][0];
  assign DOB = mem[ADDRB][1];
  assign DOC = mem[ADDRC][2];
  assign DOD = mem[ADDRD][3];
  assign DOE = mem[ADDRE][4];
  assign DOF = mem[ADDRF][5];
  assign DOG = mem[ADDRG][6];
endmodule
