// Walks the source map of a pass, a word of Lanes channels a cycle: pixel after pixel, its groups innermost, then past
// the end for as long as windows still have to leave. A window is centred one row and one pixel behind the word that
// completes it. Words go out when their pixel is there and, where they open a tile, the replay buffer has room for all of
// it; behind this point nothing ever waits.
module dsode_reader #(
  parameter int unsigned Pp = 1,
  parameter int unsigned ReplayWords = 64
) (
  input  logic                 clk_i,
  input  logic                 rst_ni,
  input  logic                 start_i,          // of a pass; desc_i stays until busy_o has fallen
  input  dsode_cfg_pkg::desc_t desc_i,
  output logic                 busy_o,
  input  logic [19:0]          readable_i,       // pixels of the source that are there
  input  logic                 release_i,        // words of the replay buffer are free again
  input  logic [7:0]           release_words_i,
  output logic                 valid_o,
  output logic [19:0]          addr_o,           // of the word in the source's memory
  output dsode_pkg::step_t     step_o,
  output logic                 starved_o,        // waits for its source
  output logic                 blocked_o         // waits for the replay buffer
);
  localparam int unsigned ReplayBits = $clog2(ReplayWords);

  logic                  active_q, past_q, centre_q;
  logic [19:0]           pixel_q, addr_q, emitted_q;
  logic [7:0]            group_q;
  logic [11:0]           x_q, ring_q, centre_x_q, centre_y_q;
  logic [2:0]            slot_q;
  logic [ReplayBits-1:0] tile_q;
  logic [ReplayBits:0]   free_q;

  logic pool, image, last_group, last_x, last_pixel, emit, opens, there, room, go, last_emit, closes, last_centre_x;

  assign pool          = desc_i.window == dsode_cfg_pkg::WindowPool;
  assign image         = desc_i.src == dsode_cfg_pkg::SrcImage;
  assign last_group    = group_q == desc_i.groups_in - 8'd1;
  assign last_x        = x_q == desc_i.width - 12'd1;
  assign last_pixel    = pixel_q == desc_i.pixels - 20'd1;
  assign last_centre_x = centre_x_q == desc_i.width - 12'd1;
  assign emit          = pool ? last_pixel : centre_q && !(desc_i.stride2 && (centre_x_q[0] || centre_y_q[0]));
  assign last_emit     = emit && emitted_q == desc_i.pixels_out - 20'd1;
  assign closes        = last_group && (slot_q == 3'(Pp - 1) || last_emit);
  assign opens         = emit && slot_q == '0 && group_q == '0;
  assign there         = past_q || pixel_q < readable_i;
  assign room          = !opens || free_q >= (ReplayBits + 1)'(desc_i.groups_in);
  assign go            = active_q && there && room;
  assign busy_o        = active_q;
  assign starved_o     = active_q && !there;
  assign blocked_o     = active_q && there && !room;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      active_q <= 1'b0;
      valid_o  <= 1'b0;
      tile_q   <= '0;
      free_q   <= (ReplayBits + 1)'(ReplayWords);
    end else begin
      valid_o <= go;
      if (start_i) active_q <= 1'b1;
      else if (go && last_emit && last_group) active_q <= 1'b0;
      if (go && emit && closes) tile_q <= tile_q + ReplayBits'(desc_i.groups_in);
      free_q <= free_q - (go && opens ? (ReplayBits + 1)'(desc_i.groups_in) : '0)
                       + (release_i ? (ReplayBits + 1)'(release_words_i) : '0);
    end
  end

  always_ff @(posedge clk_i) begin
    if (start_i) begin
      past_q     <= 1'b0;
      centre_q   <= 1'b0;
      pixel_q    <= '0;
      addr_q     <= desc_i.src_base;
      emitted_q  <= '0;
      group_q    <= '0;
      x_q        <= '0;
      ring_q     <= '0;
      centre_x_q <= '0;
      centre_y_q <= '0;
      slot_q     <= '0;
    end else if (go) begin
      group_q <= last_group ? '0 : group_q + 8'd1;
      ring_q  <= last_group && last_x ? '0 : ring_q + 12'd1;
      if (!image || last_group) addr_q <= addr_q + 20'd1;
      if (last_group) begin
        pixel_q <= pixel_q + 20'd1;
        past_q  <= past_q || last_pixel;
        x_q     <= last_x ? '0 : x_q + 12'd1;
        if (pixel_q == 20'(desc_i.width)) centre_q <= 1'b1;
        if (centre_q) begin
          centre_x_q <= last_centre_x ? '0 : centre_x_q + 12'd1;
          if (last_centre_x) centre_y_q <= centre_y_q + 12'd1;
        end
        if (emit) begin
          slot_q    <= closes ? '0 : slot_q + 3'd1;
          emitted_q <= emitted_q + 20'd1;
        end
      end
    end
    addr_o           <= addr_q;
    step_o.group     <= group_q;
    step_o.ring      <= ring_q;
    step_o.outside_t <= centre_y_q == '0;
    step_o.outside_b <= centre_y_q == desc_i.height - 12'd1;
    step_o.outside_l <= centre_x_q == '0;
    step_o.outside_r <= last_centre_x;
    step_o.first     <= pixel_q == '0;
    step_o.emit      <= emit;
    step_o.slot      <= slot_q;
    step_o.replay    <= 10'(ReplayBits'(tile_q + ReplayBits'(group_q)));
    step_o.tile_done <= emit && closes;
  end

`ifdef FORMAL
`include "dsode_reader.svh"
`endif
endmodule
