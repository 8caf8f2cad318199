// Takes the descriptors of an image in turn, for as many images as asked. A pass goes to the front as soon as the one before
// has left it, and to the back when that is free: so the front may be one pass ahead, and then reads no pixel of its source
// that the back has not written yet.
module dsode_sequencer (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  dsode_pkg::load_t     load_i,
  input  logic                 start_i,
  input  logic [15:0]          images_i,
  output logic                 bad_descriptor_o,
  output logic                 front_start_o,
  output dsode_cfg_pkg::desc_t front_desc_o,
  input  logic                 front_busy_i,
  output logic                 back_start_o,
  output dsode_cfg_pkg::desc_t back_desc_o,
  input  logic                 back_busy_i,
  input  logic [19:0]          written_i,         // pixels of its map that the back has written
  input  logic [19:0]          image_pixels_i,    // of the image that is due, in the input buffer
  output logic [19:0]          readable_o,        // pixels of the front's source
  output logic                 image_release_o,   // its buffer is free again
  input  logic                 results_busy_i,    // the scores of the image before are still going out
  output logic                 scores_done_o,     // the scores of an image are there
  output logic [15:0]          front_pass_o,      // for simulation: index of the pass
  output logic [15:0]          back_pass_o
);
  localparam int unsigned PassBits = $clog2(dsode_cfg_pkg::DescriptorDepth);
  localparam int unsigned DescBits = 32 * dsode_cfg_pkg::DescriptorParts;

  logic [DescBits-1:0]  fetched;
  dsode_cfg_pkg::desc_t next, slot_q;
  logic [PassBits-1:0]  pass_q, slot_pass_q;
  logic [1:0]           fetch_q;       // cycles until `next` is descriptor pass_q
  logic [15:0]          left_q;        // images that have not begun
  logic                 running_q, slot_valid_q, pending_q, stem_q, scores_q;
  logic                 bad, due, issue, take, pool, back_free;

  dsode_params #(.Parts(dsode_cfg_pkg::DescriptorParts), .Depth(dsode_cfg_pkg::DescriptorDepth)) u_descriptors (
    .clk_i, .we_i(load_i.valid && load_i.kind == dsode_cfg_pkg::LoadDescriptor), .wpart_i(load_i.part),
    .waddr_i(load_i.addr[PassBits-1:0]), .wdata_i(load_i.data), .raddr_i(pass_q), .data_o(fetched)
  );
  assign next = fetched;

  // What no compiler writes, and what would hang the units.
  assign pool = next.window == dsode_cfg_pkg::WindowPool;
  assign bad  = next.src == 2'd3 || next.window == 2'd3 || next.groups_in == '0 || next.groups_out == '0 ||
                next.groups_in > 8'(dsode_cfg_pkg::Groups) || next.groups_out > 8'(dsode_cfg_pkg::Groups) ||
                next.channel_tiles == '0 || next.column_tiles == '0 || next.pixels == '0 || next.pixels_out == '0 ||
                (!pool && (next.width < 12'd2 || next.height < 12'd2)) || next.affine_shift > 6'd39 ||
                next.depthwise_shift > 6'd39 || next.param_shift > 6'd39;

  assign due       = running_q && (pass_q != '0 || left_q != '0);
  assign issue     = due && fetch_q == '0 && !bad && !front_busy_i && !front_start_o && !slot_valid_q;
  assign back_free = !back_busy_i && !back_start_o;
  // Scores that are ready in this cycle keep the results busy from the next.
  assign take      = slot_valid_q && back_free &&
                     !(slot_q.dst == dsode_cfg_pkg::DstScores && (results_busy_i || scores_q));

  assign bad_descriptor_o = due && fetch_q == '0 && bad;
  assign image_release_o  = stem_q && !front_busy_i && !front_start_o;
  assign scores_done_o    = scores_q && back_free;
  assign readable_o       = front_desc_o.src == dsode_cfg_pkg::SrcImage ? image_pixels_i : pending_q ? written_i : '1;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      running_q     <= 1'b0;
      left_q        <= '0;
      pass_q        <= '0;
      fetch_q       <= 2'd2;
      slot_valid_q  <= 1'b0;
      pending_q     <= 1'b0;
      stem_q        <= 1'b0;
      scores_q      <= 1'b0;
      front_start_o <= 1'b0;
      back_start_o  <= 1'b0;
    end else begin
      front_start_o <= issue;
      back_start_o  <= take;
      if (start_i) begin
        running_q <= 1'b1;
        left_q    <= images_i;
        fetch_q   <= 2'd2;
      end else if (issue) begin
        pass_q  <= next.last ? '0 : pass_q + PassBits'(1);
        fetch_q <= 2'd2;
        if (pass_q == '0) left_q <= left_q - 16'd1;
      end else if (fetch_q != '0) begin
        fetch_q <= fetch_q - 2'd1;
      end
      // Of the pass that the front is about to read.
      if (issue) pending_q <= !back_free;
      else if (take) pending_q <= 1'b0;
      if (issue) slot_valid_q <= 1'b1;
      else if (take) slot_valid_q <= 1'b0;
      if (issue) stem_q <= next.src == dsode_cfg_pkg::SrcImage;
      else if (image_release_o) stem_q <= 1'b0;
      if (take) scores_q <= slot_q.dst == dsode_cfg_pkg::DstScores;
      else if (scores_done_o) scores_q <= 1'b0;
      if (running_q && !due && !slot_valid_q && !front_busy_i && !front_start_o && back_free && !scores_q) running_q <= 1'b0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (issue) begin
      front_desc_o <= next;
      slot_q       <= next;
      front_pass_o <= 16'(pass_q);
      slot_pass_q  <= pass_q;
    end
    if (take) begin
      back_desc_o <= slot_q;
      back_pass_o <= 16'(slot_pass_q);
    end
  end

`ifdef FORMAL
`include "dsode_sequencer.svh"
`endif
endmodule
