// Two tiles never leave the array closer than the drain needs for the first of them, and no tile is multiplied that is not in
// the replay buffer.
logic       f_past_q = 1'b0;
logic [7:0] since_q, needed_q, groups_q;   // cycles since the last tile left, and what its drain takes
always_ff @(posedge clk_i) begin
  f_past_q   <= 1'b1;
  groups_q <= desc_i.groups_out;
  if (!f_past_q) begin
    since_q  <= 8'hff;
    needed_q <= '0;
  end else if (go && last_channel) begin
    since_q  <= 8'd1;
    needed_q <= 8'(Pp) * words;
  end else if (since_q != 8'hff) begin
    since_q <= since_q + 8'd1;
  end
end
always_comb begin
  assume (rst_ni == f_past_q);
  assume (desc_i.groups_out != 8'd0 && desc_i.groups_out <= 8'd16);
  assume (!(start_i && active_q));
  if (f_past_q) begin
    assume (desc_i.groups_out == groups_q);
    assume (!(tile_ready_i && 32'(ready_q) == ReplayWords));   // the reader's credits
    assert (32'(ready_q) <= ReplayWords);
    assert (needed_q <= since_q || (drain_q != '0 && needed_q - since_q <= drain_q));
    if (go) assert (ready_q != '0);
    if (go && last_channel) assert (since_q >= needed_q);
  end
end
