// Of every map of up to 4x4 pixels of 4 words, under resets at any time: no word goes before its pixel is there; the replay
// buffer's free words are those that were not taken or were given back, and what is written lies in a tile that was taken
// and is not given back; a pass has as many tiles as the back will wait for, and ends after a bounded number of words, each
// of which waits for nothing but its pixel or a tile that can be given back.
logic                  f_past_q = 1'b0;
dsode_cfg_pkg::desc_t  desc_q;
logic                  after_q = 1'b0, go_q, was_active_q, stride;
logic [7:0]            groups, width, height, map, pixels_out, wide_out, high_out, last, words, there_words, readable;
logic [7:0]            words_q, centre, emits_q, emits, tiles_q, tiles;   // of this pass, with the word that goes out now
logic [19:0]           named_q;
logic [ReplayBits:0]   held_q, opened_q;   // words taken and not given back; those of a tile that is not complete
logic [ReplayBits-1:0] tail_q, at, head;   // the oldest word that was not given back; a word's distance from it; the next tile

assign stride     = desc_i.stride2 && !pool;
assign groups     = desc_i.groups_in;
assign width      = 8'(desc_i.width);
assign height     = 8'(desc_i.height);
assign map        = width * height;
assign wide_out   = stride ? (width + 8'd1) >> 1 : width;
assign high_out   = stride ? (height + 8'd1) >> 1 : height;
assign pixels_out = pool ? 8'd1 : wide_out * high_out;
// The pixel that completes the last window.
assign last       = pool   ? map - 8'd1 :
                    stride ? width + 8'd1 + ((high_out - 8'd1) << 1) * width + ((wide_out - 8'd1) << 1) : map + width;
assign readable    = readable_i > 20'd31 ? 8'd31 : 8'(readable_i);
assign there_words = readable * groups;
assign centre      = 8'(pixel_q) - width - 8'd1;
assign emits       = emits_q + 8'(valid_o && step_o.emit);
assign tiles       = tiles_q + 8'(valid_o && step_o.tile_done);
assign at          = step_o.replay[ReplayBits-1:0] - tail_q;
assign head        = tail_q + ReplayBits'(held_q) - ReplayBits'(opened_q);

always_ff @(posedge clk_i) begin
  f_past_q     <= 1'b1;
  after_q      <= f_past_q && rst_ni;
  desc_q       <= desc_i;
  go_q         <= rst_ni && go;
  was_active_q <= rst_ni && active_q;
  named_q      <= desc_i.src_base + (image ? pixel_q : 20'(words_q));
  words_q      <= start_i ? '0 : words_q + 8'(go);
  emits_q      <= start_i ? '0 : emits;
  tiles_q      <= start_i ? '0 : tiles;
  if (!rst_ni) begin
    held_q   <= '0;
    opened_q <= '0;
    tail_q   <= '0;
  end else begin
    held_q <= held_q + (go && opens ? (ReplayBits + 1)'(groups) : '0) - (release_i ? (ReplayBits + 1)'(release_words_i) : '0);
    if (release_i) tail_q <= tail_q + ReplayBits'(release_words_i);
    if (go && emit && closes) opened_q <= '0;
    else if (go && opens) opened_q <= (ReplayBits + 1)'(groups);
  end
end

always_comb begin
  if (!f_past_q) assume (!rst_ni);
  // A pass that the compiler writes. It stays, and the next starts when it has ended.
  assume (desc_i.window != 2'd3 && desc_i.width <= 12'd4 && desc_i.height <= 12'd4);
  assume (desc_i.width >= (pool ? 12'd1 : 12'd2) && desc_i.height >= (pool ? 12'd1 : 12'd2));
  assume (desc_i.pixels == 20'(map) && desc_i.pixels_out == 20'(pixels_out));
  assume (desc_i.groups_in != '0 && desc_i.groups_in <= 8'd4);
  if (f_past_q && (active_q || valid_o)) assume (desc_i == desc_q && !start_i);
  // Only whole tiles are given back.
  if (release_i) assume (9'(release_words_i) <= 9'(held_q - opened_q));

  if (f_past_q) begin
    assert (held_q <= (ReplayBits + 1)'(ReplayWords) && held_q + free_q == (ReplayBits + 1)'(ReplayWords));
    assert (valid_o == go_q && opened_q <= held_q);
    assert (tile_q == head);
    if (!active_q) assert (opened_q == '0);
  end
  if (f_past_q && active_q) begin
    // Where the reader is, from the number of words that went.
    assert (pixel_q <= 20'(last) && 8'(group_q) < groups && words_q == 8'(pixel_q) * groups + group_q);
    assert (addr_q == desc_i.src_base + (image ? pixel_q : 20'(words_q)) && past_q == (8'(pixel_q) >= map));
    assert (x_q == 12'(8'(pixel_q) % width) && ring_q == 12'(8'(x_q) * groups + group_q));
    assert (centre_q == (8'(pixel_q) > width));
    assert (centre_x_q == (centre_q ? 12'(centre % width) : '0) && centre_y_q == (centre_q ? 12'(centre / width) : '0));
    if (pool || !centre_q) assert (emitted_q == '0);
    else if (stride) assert (emitted_q == 20'(((8'(centre_y_q) + 8'd1) >> 1) * wide_out +
                                              (centre_y_q[0] ? 8'd0 : (8'(centre_x_q) + 8'd1) >> 1)));
    else assert (emitted_q == 20'(centre));
    assert (slot_q == 3'(emitted_q % 20'(Pp)));
    assert (emits == 8'(emitted_q) * groups + (emit ? group_q : 8'd0) && tiles == 8'(emitted_q) / 8'(Pp));
    assert (opened_q == (slot_q != '0 || (emit && group_q != '0) ? (ReplayBits + 1)'(groups) : '0));
    // What follows for a word that goes, and for one that waits.
    if (go && words_q < map * groups) assert (words_q < there_words);
    assert (go + starved_o + blocked_o == 2'd1);
    if (starved_o) assert (words_q < map * groups && words_q >= there_words);
    if (blocked_o) assert (opened_q == '0 && held_q != '0);
  end
  if (f_past_q && valid_o) begin
    assert (addr_o == named_q && words_q <= (map + width + 8'd1) * groups);
    if (step_o.emit) assert ((ReplayBits + 1)'(at) + (ReplayBits + 1)'(groups) >= held_q && (ReplayBits + 1)'(at) < held_q);
  end
  // At the end.
  if (after_q && was_active_q && !active_q) begin
    assert (valid_o && words_q == (last + 8'd1) * groups && emits == pixels_out * groups);
    assert (tiles == 8'((pixels_out + 8'(Pp) - 8'd1) / 8'(Pp)));
  end
end
