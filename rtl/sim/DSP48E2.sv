// A model of Xilinx's DSP48E2 for simulation and proofs, of what dsode_chain_dsp uses and Yosys infers alone:
// P = (A or A + D) * B + (0, PCIN or C), with any number of registers, of which M and P can be reset. Anything else is an
// error; a register that exists is enabled. Synthesis for Xilinx must not read this file.
module DSP48E2 #(
  // Not the primitive's: the width of the pre-adder. With 25 bits it is a DSP48E1, of which Yosys has a model.
  parameter int unsigned MODEL_BITS = 27,
  parameter int unsigned ACASCREG = 1,
  parameter int unsigned ADREG = 1,
  parameter int unsigned ALUMODEREG = 1,
  parameter AMULTSEL = "A",
  parameter int unsigned AREG = 1,
  parameter A_INPUT = "DIRECT",
  parameter int unsigned BCASCREG = 1,
  parameter BMULTSEL = "B",
  parameter int unsigned BREG = 1,
  parameter B_INPUT = "DIRECT",
  parameter int unsigned CARRYINREG = 1,
  parameter int unsigned CARRYINSELREG = 1,
  parameter int unsigned CREG = 1,
  parameter int unsigned DREG = 1,
  parameter int unsigned INMODEREG = 1,
  parameter int unsigned MREG = 1,
  parameter int unsigned OPMODEREG = 1,
  parameter PREADDINSEL = "A",
  parameter int unsigned PREG = 1,
  parameter USE_MULT = "MULTIPLY",
  parameter USE_PATTERN_DETECT = "NO_PATDET",
  parameter USE_SIMD = "ONE48",
  parameter USE_WIDEXOR = "FALSE"
) (
  output logic [29:0] ACOUT,
  output logic [17:0] BCOUT,
  output logic        CARRYCASCOUT,
  output logic [3:0]  CARRYOUT,
  output logic        MULTSIGNOUT,
  output logic        OVERFLOW,
  output logic [47:0] P,
  output logic        PATTERNBDETECT,
  output logic        PATTERNDETECT,
  output logic [47:0] PCOUT,
  output logic        UNDERFLOW,
  output logic [7:0]  XOROUT,
  input  logic [29:0] A,
  input  logic [29:0] ACIN,
  input  logic [3:0]  ALUMODE,
  input  logic [17:0] B,
  input  logic [17:0] BCIN,
  input  logic [47:0] C,
  input  logic        CARRYCASCIN,
  input  logic        CARRYIN,
  input  logic [2:0]  CARRYINSEL,
  input  logic        CEA1,
  input  logic        CEA2,
  input  logic        CEAD,
  input  logic        CEALUMODE,
  input  logic        CEB1,
  input  logic        CEB2,
  input  logic        CEC,
  input  logic        CECARRYIN,
  input  logic        CECTRL,
  input  logic        CED,
  input  logic        CEINMODE,
  input  logic        CEM,
  input  logic        CEP,
  input  logic        CLK,
  input  logic [26:0] D,
  input  logic [4:0]  INMODE,
  input  logic        MULTSIGNIN,
  input  logic [8:0]  OPMODE,
  input  logic [47:0] PCIN,
  input  logic        RSTA,
  input  logic        RSTALLCARRYIN,
  input  logic        RSTALUMODE,
  input  logic        RSTB,
  input  logic        RSTC,
  input  logic        RSTCTRL,
  input  logic        RSTD,
  input  logic        RSTINMODE,
  input  logic        RSTM,
  input  logic        RSTP
);
  logic signed [29:0]            a;
  logic signed [17:0]            b;
  logic signed [MODEL_BITS-1:0]  d, ad_d, ad, factor;
  logic signed [MODEL_BITS+17:0] m_d, m;
  logic        [47:0]            c, z, p_d;
  logic                          enabled, reset, supported;

  if (BMULTSEL != "B" || PREADDINSEL != "A" || A_INPUT != "DIRECT" || B_INPUT != "DIRECT" ||
      USE_MULT != "MULTIPLY" || USE_SIMD != "ONE48" || USE_PATTERN_DETECT != "NO_PATDET" || USE_WIDEXOR != "FALSE")
  begin : gen_unsupported_path
    $error("DSP48E2: this data path is not modelled");
  end
  if (INMODEREG != 0 || OPMODEREG != 0 || ALUMODEREG != 0 || CARRYINREG != 0 || CARRYINSELREG != 0)
  begin : gen_unsupported_register
    $error("DSP48E2: registers of controls are not modelled");
  end

  dsode_delay #(.Width(30), .Cycles(AREG)) u_a (.clk_i(CLK), .data_i(A), .data_o(a));
  dsode_delay #(.Width(18), .Cycles(BREG)) u_b (.clk_i(CLK), .data_i(B), .data_o(b));
  dsode_delay #(.Width(MODEL_BITS), .Cycles(DREG)) u_d (.clk_i(CLK), .data_i(D[MODEL_BITS-1:0]), .data_o(d));
  dsode_delay #(.Width(MODEL_BITS), .Cycles(ADREG)) u_ad (.clk_i(CLK), .data_i(ad_d), .data_o(ad));
  dsode_delay #(.Width(48), .Cycles(CREG)) u_c (.clk_i(CLK), .data_i(C), .data_o(c));
  if (MREG != 0) begin : gen_m
    always_ff @(posedge CLK) m <= RSTM ? '0 : m_d;
  end else begin : gen_no_m
    assign m = m_d;
  end
  if (PREG != 0) begin : gen_p
    always_ff @(posedge CLK) P <= RSTP ? '0 : p_d;
  end else begin : gen_no_p
    assign P = p_d;
  end

  assign ad_d   = d + $signed(a[MODEL_BITS-1:0]);
  assign factor = AMULTSEL == "AD" ? ad : $signed(a[MODEL_BITS-1:0]);
  assign m_d    = factor * b;
  assign z      = OPMODE[4] ? (OPMODE[5] ? c : PCIN) : '0;
  assign p_d    = 48'(m) + z;
  assign PCOUT  = P;
  assign {ACOUT, BCOUT, CARRYCASCOUT, CARRYOUT, MULTSIGNOUT, OVERFLOW} = '0;
  assign {PATTERNBDETECT, PATTERNDETECT, UNDERFLOW, XOROUT} = '0;

  // The register of an unused C port is better not enabled.
  assign enabled = (CEA1 || AREG < 2) && (CEA2 || AREG < 1) && (CEB1 || BREG < 2) && (CEB2 || BREG < 1) &&
                   (AMULTSEL == "A" || ((CED || DREG == 0) && (CEAD || ADREG == 0))) && (CEM || MREG == 0) &&
                   (CEP || PREG == 0) && (CEC || CREG == 0 || !OPMODE[5]);
  assign reset   = (RSTA && AREG != 0) || (RSTB && BREG != 0) || (RSTC && CREG != 0) ||
                   (RSTD && (DREG != 0 || ADREG != 0));
  // A2 or A2 + D, B2; the product and nothing, PCIN or C; no carry.
  assign supported = INMODE == (AMULTSEL == "AD" ? 5'b00100 : 5'b00000) && OPMODE[8:6] == '0 &&
                     (OPMODE[4] || !OPMODE[5]) && OPMODE[3:0] == 4'b0101 && ALUMODE == '0 && CARRYINSEL == '0 && !CARRYIN;
  always_ff @(posedge CLK) assert (enabled && !reset && supported);
endmodule
