// The model of DSP48E2, its pre-adder narrowed to 25 bits, gives what Yosys's model of DSP48E1 gives with the same
// settings, at every cycle from any state once that is flushed. Whether PCIN is added may change at any cycle.
module dsp48e2_proof (
  input logic        clk_i,
  input logic [29:0] a_i,
  input logic [17:0] b_i,
  input logic [24:0] d_i,
  input logic [47:0] cascade_i,
  input logic        add_i
);
  localparam int unsigned Latency = 4;

  logic [47:0] p1, p2, cascade1, cascade2;
  logic [2:0]  cycles_q = 0;

  DSP48E1 #(
    .USE_DPORT("TRUE"), .AREG(1), .ACASCREG(1), .DREG(1), .ADREG(1), .BREG(2), .BCASCREG(2), .MREG(1), .PREG(1),
    .INMODEREG(0), .OPMODEREG(0), .ALUMODEREG(0), .CARRYINREG(0), .CARRYINSELREG(0), .CREG(1)
  ) u_dsp48e1 (
    .CLK(clk_i), .A(a_i), .B(b_i), .C('1), .D(d_i), .PCIN(cascade_i), .P(p1), .PCOUT(cascade1),
    .INMODE(5'b00100), .OPMODE({2'b00, add_i, 4'b0101}), .ALUMODE(4'b0000), .CARRYINSEL(3'b000), .CARRYIN(1'b0),
    .CEA1(1'b0), .CEA2(1'b1), .CEB1(1'b1), .CEB2(1'b1), .CED(1'b1), .CEAD(1'b1), .CEM(1'b1), .CEP(1'b1), .CEC(1'b0),
    .CECARRYIN(1'b0), .CECTRL(1'b0), .CEALUMODE(1'b0), .CEINMODE(1'b0), .RSTA(1'b0), .RSTB(1'b0), .RSTC(1'b0),
    .RSTD(1'b0), .RSTM(1'b0), .RSTP(1'b0), .RSTCTRL(1'b0), .RSTALLCARRYIN(1'b0), .RSTALUMODE(1'b0), .RSTINMODE(1'b0),
    .ACIN(30'b0), .BCIN(18'b0), .CARRYCASCIN(1'b0), .MULTSIGNIN(1'b0)
  );
  DSP48E2 #(
    .MODEL_BITS(25), .AMULTSEL("AD"), .AREG(1), .ACASCREG(1), .DREG(1), .ADREG(1), .BREG(2), .BCASCREG(2), .MREG(1),
    .PREG(1), .INMODEREG(0), .OPMODEREG(0), .ALUMODEREG(0), .CARRYINREG(0), .CARRYINSELREG(0), .CREG(1)
  ) u_dsp48e2 (
    .CLK(clk_i), .A(a_i), .B(b_i), .C('1), .D({2'b00, d_i}), .PCIN(cascade_i), .P(p2), .PCOUT(cascade2),
    .INMODE(5'b00100), .OPMODE({4'b0000, add_i, 4'b0101}), .ALUMODE(4'b0000), .CARRYINSEL(3'b000), .CARRYIN(1'b0),
    .CEA1(1'b0), .CEA2(1'b1), .CEB1(1'b1), .CEB2(1'b1), .CED(1'b1), .CEAD(1'b1), .CEM(1'b1), .CEP(1'b1), .CEC(1'b0),
    .CECARRYIN(1'b0), .CECTRL(1'b0), .CEALUMODE(1'b0), .CEINMODE(1'b0), .RSTA(1'b0), .RSTB(1'b0), .RSTC(1'b0),
    .RSTD(1'b0), .RSTM(1'b0), .RSTP(1'b0), .RSTCTRL(1'b0), .RSTALLCARRYIN(1'b0), .RSTALUMODE(1'b0), .RSTINMODE(1'b0),
    .ACIN(30'b0), .BCIN(18'b0), .CARRYCASCIN(1'b0), .MULTSIGNIN(1'b0)
  );

  always_ff @(posedge clk_i) if (cycles_q < Latency) cycles_q <= cycles_q + 1;
  always_comb if (cycles_q == Latency) assert (p1 == p2 && cascade1 == cascade2);
endmodule
