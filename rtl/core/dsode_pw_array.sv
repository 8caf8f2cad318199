// The product array: Pc input channels x Pk output channels x Pp pixels a cycle, output-stationary. Rows come skewed, row i
// i % Chain cycles after row 0; first_i and last_i come with row 0. When last_o is high, acc_o holds the sums over all cycles
// from first_i to last_i: Latency cycles after last_i.
module dsode_pw_array #(
  parameter int unsigned Pc = 4,
  parameter int unsigned Pk = 4,
  parameter int unsigned Pp = 1,
  parameter int unsigned Chain = 4,
  parameter int unsigned UseDsp = 0     // 1: chains of DSP48E2 slices, which have the first registers in them
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  logic                 valid_i,
  input  logic                 first_i,
  input  logic                 last_i,
  input  logic [Pc*Pp*8-1:0]   operands_i,
  input  logic [Pc*Pk*8-1:0]   weights_i,
  output logic                 last_o,
  output logic [Pk*Pp*27-1:0]  acc_o      // column k, pixel p at (p Pk + k) 27
);
  localparam int unsigned Chains = Pc / Chain;
  localparam int unsigned Front = 2;                          // registers in front of the multipliers, as in a DSP48E2
  localparam int unsigned Shared = UseDsp != 0 ? 0 : Front;   // of them, those that are not in the slices
  localparam int unsigned Latency = Front + 1 + Chain + 1;    // of a sum over the chains

  logic [Pc*Pp*8-1:0] operands;
  logic [Pc*Pk*8-1:0] weights;
  logic [Latency:0]   valid_q, first_q, last_q;
  dsode_delay #(.Width(Pc * Pp * 8), .Cycles(Shared)) u_operands (.clk_i, .data_i(operands_i), .data_o(operands));
  dsode_delay #(.Width(Pc * Pk * 8), .Cycles(Shared)) u_weights (.clk_i, .data_i(weights_i), .data_o(weights));

  assign last_o = last_q[Latency] && valid_q[Latency];

  always_ff @(posedge clk_i) begin
    valid_q <= rst_ni ? {valid_q[Latency-1:0], valid_i} : '0;
    first_q <= {first_q[Latency-1:0], first_i};
    last_q  <= {last_q[Latency-1:0], last_i};
  end

  // Weights of two neighbouring columns: each by itself, and in one number, see dsode_chain.
  logic [Pk/2*Pc*8-1:0]  weights0, weights1;   // pair k, row i at (k Pc + i) 8
  logic [Pk/2*Pc*27-1:0] pairs;                // and at (k Pc + i) 27
  logic                  unused;               // one of the two
  assign unused = ^{weights0, weights1, pairs, first_q[Latency]};
  for (genvar k = 0; k < Pk / 2; k++) begin : gen_pairs
    for (genvar i = 0; i < Pc; i++) begin : gen_row
      logic signed [7:0] weight0, weight1;
      assign weight0 = $signed(weights[(i*Pk+2*k)*8+:8]);
      assign weight1 = $signed(weights[(i*Pk+2*k+1)*8+:8]);
      assign weights0[(k*Pc+i)*8+:8] = weight0;
      assign weights1[(k*Pc+i)*8+:8] = weight1;
      assign pairs[(k*Pc+i)*27+:27]  = {weight1[7], weight1, 18'b0} + 27'(weight0);
    end
  end

  for (genvar p = 0; p < Pp; p++) begin : gen_pixel
    logic [Pc*8-1:0] operand;
    for (genvar i = 0; i < Pc; i++) begin : gen_operand
      assign operand[i*8+:8] = operands[(i*Pp+p)*8+:8];
    end
    for (genvar k = 0; k < Pk / 2; k++) begin : gen_pair
      logic signed [17:0] sum0 [0:Chains-1];
      logic signed [17:0] sum1 [0:Chains-1];
      logic signed [26:0] total0_d, total1_d, total0_q, total1_q, acc0_q, acc1_q;

      for (genvar c = 0; c < Chains; c++) begin : gen_chain
        if (UseDsp != 0) begin : gen_dsp
          dsode_chain_dsp #(.Length(Chain)) u_chain (
            .clk_i, .operands_i(operand[c*Chain*8+:Chain*8]), .weights0_i(weights0[(k*Pc+c*Chain)*8+:Chain*8]),
            .weights1_i(weights1[(k*Pc+c*Chain)*8+:Chain*8]), .sum0_o(sum0[c]), .sum1_o(sum1[c])
          );
        end else begin : gen_plain
          dsode_chain #(.Length(Chain)) u_chain (
            .clk_i, .operands_i(operand[c*Chain*8+:Chain*8]), .pairs_i(pairs[(k*Pc+c*Chain)*27+:Chain*27]),
            .sum0_o(sum0[c]), .sum1_o(sum1[c])
          );
        end
      end

      always_comb begin
        total0_d = '0;
        total1_d = '0;
        for (int c = 0; c < Chains; c++) begin
          total0_d = total0_d + 27'(sum0[c]);
          total1_d = total1_d + 27'(sum1[c]);
        end
      end
      always_ff @(posedge clk_i) begin
        total0_q <= total0_d;
        total1_q <= total1_d;
        if (valid_q[Latency-1]) begin
          acc0_q <= (first_q[Latency-1] ? '0 : acc0_q) + total0_q;
          acc1_q <= (first_q[Latency-1] ? '0 : acc1_q) + total1_q;
        end
      end
      assign acc_o[(p*Pk+2*k)*27+:27]   = acc0_q;
      assign acc_o[(p*Pk+2*k+1)*27+:27] = acc1_q;
    end
  end
endmodule
