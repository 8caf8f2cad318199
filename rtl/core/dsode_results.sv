// Keeps the scores of an image and sends them, one a beat, TLAST with the last.
module dsode_results #(
  parameter int unsigned Lanes = 4,
  parameter int unsigned Words = 4
) (
  input  logic                clk_i,
  input  logic                rst_ni,
  input  logic [15:0]         classes_i,
  input  logic                we_i,
  input  logic [19:0]         waddr_i,
  input  logic [Lanes*32-1:0] wdata_i,
  input  logic                send_i,      // all scores are there
  output logic                busy_o,
  output logic                done_o,      // the last score was taken
  output logic                m_axis_tvalid_o,
  output logic [31:0]         m_axis_tdata_o,
  output logic                m_axis_tlast_o,
  input  logic                m_axis_tready_i
);
  localparam int unsigned WordBits = $clog2(Words);
  localparam int unsigned LaneBits = $clog2(Lanes);

  logic [Lanes*32-1:0] read, word_q;
  logic                busy_q, valid_q;
  logic [1:0]          wait_q;      // until `read` is the word at word_addr_q
  logic [15:0]         left_q;
  logic [WordBits-1:0] addr_q;
  logic [LaneBits-1:0] lane_q;
  logic                sent, unused;

  dsode_ram #(.Width(Lanes * 32), .Depth(Words), .Style("distributed")) u_scores (
    .clk_i, .we_i, .waddr_i(waddr_i[WordBits-1:0]), .wdata_i, .raddr_i(addr_q), .rdata_o(read)
  );

  assign sent            = valid_q && m_axis_tready_i;
  assign busy_o          = busy_q;
  assign done_o          = sent && m_axis_tlast_o;
  assign m_axis_tvalid_o = valid_q;
  assign m_axis_tdata_o  = word_q[31:0];
  assign m_axis_tlast_o  = left_q == 16'd1;
  assign unused          = ^waddr_i;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      busy_q  <= 1'b0;
      valid_q <= 1'b0;
    end else if (send_i) begin
      busy_q <= 1'b1;
      wait_q <= 2'd2;
      left_q <= classes_i;
      addr_q <= '0;
    end else if (busy_q && !valid_q) begin
      wait_q <= wait_q - 2'd1;
      if (wait_q == '0) begin
        word_q  <= read;
        lane_q  <= '0;
        valid_q <= 1'b1;
        addr_q  <= addr_q + WordBits'(1);
      end
    end else if (sent) begin
      word_q <= word_q >> 32;
      lane_q <= lane_q + LaneBits'(1);
      left_q <= left_q - 16'd1;
      wait_q <= 2'd2;
      if (m_axis_tlast_o) busy_q <= 1'b0;
      if (m_axis_tlast_o || lane_q == LaneBits'(Lanes - 1)) valid_q <= 1'b0;
    end
  end

`ifdef FORMAL
`include "dsode_results.svh"
`endif
endmodule
