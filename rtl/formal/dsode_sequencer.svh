// Of every program (a stem first, scores by its last pass and no other) and every number of images, whatever the units take
// and under resets at any time: no unit is started while it works, each gets all passes in turn, and keeps its descriptor
// until it is done; the front is at most one pass ahead and then sees no pixel that the back has not written; buffers of images
// and scores change hands once an image. While images are due, a unit works or one is started within a few cycles: so a
// run ends if its units do. u_descriptors is cut, what it holds is assumed.
localparam logic [2:0] Patience = 3'd3;   // cycles without work before a start
logic                 f_past_q = 1'b0, reset_q, front_start_q, back_start_q, results_start_q;
logic [PassBits-1:0]  addr_1q, addr_2q, addr_3q, turn_q, turn_now;     // whose descriptor `fetched` is: addr_2q
dsode_cfg_pkg::desc_t fetched_q, front_desc_q, back_desc_q;
logic                 front_works, back_works, front_worked_q, back_worked_q;
logic                 ahead_q, ahead, to_image, to_scores;   // the front began a pass that the back did not
logic                 image_due_q, scores_due_q, results_due_q, results_busy_q, active, inside_q, due_now;
logic [15:0]          begin_q, out_q;                        // images that the front has to begin; whose scores are not there
logic [2:0]           front_idle_q, back_idle_q;             // cycles in which a unit could have been started

assign front_works = front_start_o || front_busy_i;
assign back_works  = back_start_o || back_busy_i;
assign to_image    = front_start_o && front_desc_o.src == dsode_cfg_pkg::SrcImage;
assign to_scores   = back_start_o && back_desc_o.dst == dsode_cfg_pkg::DstScores;
assign ahead       = front_start_o || (ahead_q && !back_start_o);
assign active      = out_q != '0 || results_due_q;           // as dsode_top is
assign due_now     = begin_q != '0 || inside_q;
assign turn_now    = !front_start_o ? turn_q : front_desc_o.last ? '0 : turn_q + PassBits'(1);

always_ff @(posedge clk_i) begin
  f_past_q       <= 1'b1;
  reset_q        <= !rst_ni;
  {front_start_q, back_start_q, results_start_q} <= rst_ni ? {front_start_o, back_start_o, scores_done_o} : '0;
  {addr_3q, addr_2q, addr_1q}              <= {addr_2q, addr_1q, pass_q};
  {fetched_q, front_desc_q, back_desc_q}   <= {fetched, front_desc_o, back_desc_o};
  front_worked_q <= rst_ni && front_works;
  back_worked_q  <= rst_ni && back_works;
  results_busy_q <= rst_ni && results_busy_i;
  if (!rst_ni) begin
    {ahead_q, image_due_q, scores_due_q, results_due_q, inside_q}     <= '0;
    {begin_q, out_q, turn_q, front_idle_q, back_idle_q}               <= '0;
  end else begin
    ahead_q      <= ahead;
    image_due_q  <= to_image || (image_due_q && !image_release_o);
    scores_due_q <= to_scores || (scores_due_q && !scores_done_o);
    if (scores_done_o) results_due_q <= 1'b1;
    else if (results_busy_q && !results_busy_i) results_due_q <= 1'b0;
    if (front_start_o) inside_q <= !front_desc_o.last;
    turn_q       <= turn_now;
    begin_q      <= start_i ? images_i : begin_q - 16'(to_image);
    out_q        <= start_i ? images_i : out_q - 16'(scores_done_o);
    front_idle_q <= due_now && !front_works && !ahead ? front_idle_q + 3'd1 : '0;
    back_idle_q  <= ahead && !front_start_o && !back_works && !results_due_q ? back_idle_q + 3'd1 : '0;
  end
end

always_comb begin
  if (!f_past_q || bad_descriptor_o) assume (!rst_ni);
  // What memory holds, and when dsode_regs starts a run.
  assume ((next.src == dsode_cfg_pkg::SrcImage) == (addr_2q == '0));
  assume (next.last == (next.dst == dsode_cfg_pkg::DstScores) && (next.last || addr_2q != '1));
  if (start_i) assume (rst_ni && images_i != '0 && !active);
  // A unit works from the cycle after its start, the back on a pass no shorter than the front.
  if (f_past_q) begin
    assume (!front_busy_i || front_worked_q);
    assume (!back_busy_i || back_worked_q);
    assume (!results_busy_i || results_due_q);
    if (front_start_q) assume (front_busy_i);
    if (back_start_q || (back_worked_q && front_busy_i && !ahead)) assume (back_busy_i);
    if (results_start_q) assume (results_busy_i);
    if (!results_start_q && !results_busy_q) assume (!results_busy_i);
  end

  if (f_past_q) begin
    if (reset_q) assert (!running_q && !slot_valid_q && pass_q == '0 && !front_start_o && !back_start_o);
    if (!active) assert (!running_q && !front_works && !back_works && !ahead);
    // Starts.
    assert (!(front_start_o && (front_busy_i || ahead_q || image_due_q || back_start_o || !due_now)));
    assert (!(back_start_o && (back_busy_i || !ahead_q || scores_due_q)));
    if (to_scores || scores_due_q) assert (!results_due_q);
    if (front_start_o) begin
      assert (front_desc_o == fetched_q && addr_3q == turn_q && front_pass_o == 16'(turn_q));
    end
    if (front_busy_i) assert (front_desc_o == front_desc_q);
    if (back_start_o) assert (back_desc_o == front_desc_o && back_pass_o == front_pass_o);
    if (back_busy_i) assert (back_desc_o == back_desc_q);
    // Pixels.
    if (front_works && front_desc_o.src == dsode_cfg_pkg::SrcImage) assert (readable_o == image_pixels_i);
    else if (front_works && ahead && back_works) assert (readable_o == written_i);
    else if (front_works && !ahead) assert (readable_o == '1);
    // Buffers.
    assert (image_release_o == (image_due_q && !front_works));
    assert (scores_done_o == (scores_due_q && !back_works));
    if (scores_done_o) assert (!results_due_q && out_q != '0);
    // Progress.
    assert (front_idle_q <= Patience && back_idle_q <= 3'd1);
    if (active) assert (due_now || ahead || back_works || scores_due_q || results_due_q);
    // What induction has to know.
    assert (slot_valid_q == ahead && stem_q == (image_due_q || to_image) && scores_q == (scores_due_q || to_scores));
    if (slot_valid_q) assert (slot_q == front_desc_o && slot_pass_q == front_pass_o[PassBits-1:0]);
    assert (fetch_q <= 2'd2 && (fetch_q >= 2'd2 || addr_1q == pass_q) && (fetch_q != '0 || addr_2q == pass_q));
    assert (left_q == begin_q - 16'(to_image) && pass_q == turn_now && inside_q == (turn_q != '0));
    if (front_works || back_works || slot_valid_q) begin
      assert (front_desc_o.last == (pass_q == '0) && front_desc_o.last == (front_desc_o.dst == dsode_cfg_pkg::DstScores));
    end
    if (back_works && !slot_valid_q) assert (back_desc_o == front_desc_o);
    if (back_works) assert (scores_q == (back_desc_o.dst == dsode_cfg_pkg::DstScores));
    if (front_works) assert (slot_valid_q || back_works);
    assert (slot_valid_q || !pending_q);
    assert (!results_due_q || results_busy_q || results_start_q);
    if (slot_valid_q && back_works) assert (pending_q);
    assert (17'(out_q) == 17'(left_q) + 17'(pass_q != '0) + 17'(slot_valid_q && slot_q.last) + 17'(scores_q));
    assert ((out_q == '0 || running_q) && (!running_q || out_q != '0 || results_start_q));
  end
end
