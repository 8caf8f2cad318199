// dsode_chain in DSP48E2 slices, one an element, that have two registers in front of their multipliers: the sums leave
// 2 + 1 + Length cycles after element 0's operand. Both weights share a multiplier as weight1 2^18 + weight0, so that P is
// sum1 2^18 + sum0: its low lane is sum0 modulo 2^18, and borrows 1 of the high lane where sum0 is negative.
// Exact while |weight| <= 127 and Length <= 8, with which |sum0| < 2^17.
module dsode_chain_dsp #(
  parameter int unsigned Length = 8
) (
  input  logic                clk_i,
  input  logic [Length*8-1:0] operands_i,
  input  logic [Length*8-1:0] weights0_i,
  input  logic [Length*8-1:0] weights1_i,
  output logic signed [17:0]  sum0_o,
  output logic signed [17:0]  sum1_o
);
  logic [Length*48-1:0] sums;
  logic [47:0]          cascade [0:Length];

  if (Length > 8) begin : gen_too_long
    $error("dsode_chain_dsp: the low lane overflows beyond 8 elements");
  end

  assign cascade[0] = '0;
  assign sum0_o = sums[(Length-1)*48+:18];
  assign sum1_o = sums[(Length-1)*48+18+:18] + 18'(sums[(Length-1)*48+17]);

  for (genvar i = 0; i < Length; i++) begin : gen_element
    logic [7:0] operand, weight0, weight1;
    assign operand = operands_i[i*8+:8];
    assign weight0 = weights0_i[i*8+:8];
    assign weight1 = weights1_i[i*8+:8];

    DSP48E2 #(
      .A_INPUT("DIRECT"), .B_INPUT("DIRECT"), .AMULTSEL("AD"), .BMULTSEL("B"), .PREADDINSEL("A"),
      .USE_MULT("MULTIPLY"), .USE_SIMD("ONE48"), .USE_WIDEXOR("FALSE"), .USE_PATTERN_DETECT("NO_PATDET"),
      // The path of the weights, the path of the operand, product and sum.
      .AREG(1), .ACASCREG(1), .DREG(1), .ADREG(1),
      .BREG(2), .BCASCREG(2),
      .MREG(1), .PREG(1),
      // Controls are constant. C is unused: all ones in a register that is never enabled leak least.
      .INMODEREG(0), .OPMODEREG(0), .ALUMODEREG(0), .CARRYINREG(0), .CARRYINSELREG(0), .CREG(1)
    ) u_dsp (
      .CLK(clk_i),
      .A({{4{weight1[7]}}, weight1, 18'b0}), .D({{19{weight0[7]}}, weight0}), .B({{10{operand[7]}}, operand}),
      .C('1), .PCIN(cascade[i]), .PCOUT(cascade[i+1]), .P(sums[i*48+:48]),
      // A2 + D times B2; X and Y are the product, Z is nothing or PCIN; X + Y + Z without a carry.
      .INMODE(5'b00100), .OPMODE(i == 0 ? 9'b000000101 : 9'b000010101), .ALUMODE(4'b0000), .CARRYINSEL(3'b000),
      .CARRYIN(1'b0),
      // With AREG = 1 the register is A2.
      .CEA1(1'b0), .CEA2(1'b1), .CEB1(1'b1), .CEB2(1'b1), .CED(1'b1), .CEAD(1'b1), .CEM(1'b1), .CEP(1'b1),
      .CEC(1'b0), .CECARRYIN(1'b0), .CECTRL(1'b0), .CEALUMODE(1'b0), .CEINMODE(1'b0),
      .RSTA(1'b0), .RSTB(1'b0), .RSTC(1'b0), .RSTD(1'b0), .RSTM(1'b0), .RSTP(1'b0), .RSTCTRL(1'b0),
      .RSTALLCARRYIN(1'b0), .RSTALUMODE(1'b0), .RSTINMODE(1'b0),
      .ACIN(30'b0), .BCIN(18'b0), .CARRYCASCIN(1'b0), .MULTSIGNIN(1'b0),
      .ACOUT(), .BCOUT(), .CARRYCASCOUT(), .CARRYOUT(), .MULTSIGNOUT(), .OVERFLOW(), .UNDERFLOW(), .PATTERNDETECT(),
      .PATTERNBDETECT(), .XOROUT()
    );
  end
endmodule
