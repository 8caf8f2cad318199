// AXI4-Stream's rules: a beat once offered stays as it is until it is taken, TLAST comes with the last of `classes_i` beats, and
// busy_o holds until then.
logic        f_past_q = 1'b0, waiting_q, last_q;
logic [31:0] data_q;
logic [15:0] due_q;
always_ff @(posedge clk_i) begin
  f_past_q    <= 1'b1;
  waiting_q <= f_past_q && valid_q && !m_axis_tready_i;
  data_q    <= m_axis_tdata_o;
  last_q    <= m_axis_tlast_o;
  if (send_i) due_q <= classes_i;
  else if (sent) due_q <= due_q - 16'd1;
end
always_comb begin
  assume (rst_ni == f_past_q);  // reset in the first cycle
  // What the sequencer keeps: one image after the other.
  assume (classes_i == 16'd7);
  if (!f_past_q || busy_q) assume (!send_i && !we_i);
  if (f_past_q) begin
    if (waiting_q) assert (valid_q && m_axis_tdata_o == data_q && m_axis_tlast_o == last_q);
    if (valid_q) assert (busy_q && m_axis_tlast_o == (due_q == 16'd1));
    if (busy_q) assert (left_q == due_q && due_q != '0 && due_q <= 16'd7);
    if (done_o) assert (due_q == 16'd1);
  end
end
