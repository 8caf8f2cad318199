// Of images of up to 8 pixels, grey or coloured, whatever comes in and under resets and aborts at any time: no byte is lost or
// moved between the stream and the pixels, no buffer is written that is still to be read, a reader sees no pixel that was
// not written, a packet's first beat is an image's, and what follows an error is swallowed up to its TLAST.
logic        f_past_q = 1'b0, after_q = 1'b0, inside_q, kept_q;
(* anyconst *) logic [4:0] index;      // some byte of an image
logic [7:0]  byte_q;                   // what it was
logic [7:0]  size, taken, given, readable_q;
logic [55:0] bytes;
logic [19:0] pixels_q, beats_q;
logic        colour_q, accepted;

assign size     = colour_i ? 8'(pixels_i) + (8'(pixels_i) << 1) : 8'(pixels_i);
assign taken    = 8'(beat_q) << 2;
assign given    = colour_i ? 8'(pixel_q) + (8'(pixel_q) << 1) : 8'(pixel_q);
assign accepted = tvalid_i && tready_o;
assign bytes    = bytes_q >> {8'(index) - given, 3'b000};

always_ff @(posedge clk_i) begin
  f_past_q <= 1'b1;
  after_q  <= f_past_q && rst_ni && !abort_i;
  {pixels_q, beats_q, colour_q} <= {pixels_i, beats_i, colour_i};
  readable_q <= 8'(readable_o);
  kept_q     <= !release_i;
  inside_q   <= rst_ni && (accepted ? !tlast_i : inside_q);
  if (beat && index[4:2] == 3'(beat_q)) byte_q <= 8'(tdata_i >> {index[1:0], 3'b000});
end

always_comb begin
  if (!f_past_q) assume (!rst_ni);
  // The model's, and what dsode_top does: only what was read whole is given back, and errors abort.
  assume (pixels_i != '0 && pixels_i <= 20'd8 && beats_i == 20'((size + 8'd3) >> 2) && 8'(index) < size);
  if (f_past_q) assume ({pixels_i, beats_i, colour_i} == {pixels_q, beats_q, colour_q});
  if (release_i) assume (full_q[read_q]);
  if (early_error_o || late_error_o) assume (abort_i || !rst_ni);

  if (f_past_q) begin
    // Packets. A reset is the host's too.
    if (beat && rst_ni) assert (inside_q == (beat_q != '0));
    if (swallow_q) assert (inside_q && tready_o);
    assert (inside_q == (swallow_q || (beat_q != '0 && beat_q != beats_i && !early_error_o)));
    assert ((!late_error_o || swallow_q) && (!early_error_o || !inside_q));
    if (swallow_q && !late_error_o) assert (beat_q == '0 && held_q == '0 && pixel_q == '0);
    // Bytes.
    if (!early_error_o && !late_error_o) begin
      assert (beat_q <= beats_i && held_q <= 3'd7 && taken == given + 8'(held_q));
      assert (pixel_q < pixels_i && (beat_q != '0 || pixel_q == '0));
      if (8'(index) >= given && 8'(index) < taken) assert (bytes[7:0] == byte_q);
      if (enable_i && !abort_i && !full_q[write_q] && beat_q != beats_i) assert (tready_o || unpack);
      if (beat_q == beats_i) assert (unpack);
    end
    // Buffers.
    if (we_o) assert (!full_q[wbuffer_o] && waddr_o < pixels_i);
    if (we_o && wbuffer_o == buffer_o) assert (readable_o == waddr_o);
    assert (readable_o <= pixels_i);
    assert (full_q[0] == full_q[1] ? write_q == read_q : write_q != read_q && full_q[read_q]);
    if (full_q[write_q]) assert (beat_q == '0 && pixel_q == '0);
  end
  if (after_q && kept_q) assert (8'(readable_o) >= readable_q);
end
