// Drives the product array through a pass: for each tile of pixels, as soon as its operand is in the replay buffer, for
// each tile of Pk output channels, over all input channels, Pc a cycle. What the array gives has to be drained one after the
// other: last_o is not raised again before the drain is done with the tile before.
module dsode_mac_sequencer #(
  parameter int unsigned Pc = 4,
  parameter int unsigned Pk = 4,
  parameter int unsigned Pp = 1,
  parameter int unsigned Lanes = 4,
  parameter int unsigned ReplayWords = 64
) (
  input  logic                           clk_i,
  input  logic                           rst_ni,
  input  logic                           start_i,       // of a pass; desc_i stays until busy_o has fallen
  input  dsode_cfg_pkg::desc_t           desc_i,
  output logic                           busy_o,
  input  logic                           tile_ready_i,  // one more tile is in the replay buffer
  output logic                           release_o,     // its words are free again
  output logic [7:0]                     release_words_o,
  output logic                           valid_o,
  output logic                           first_o,
  output logic                           last_o,
  output logic [15:0]                    weight_addr_o,
  output logic [$clog2(ReplayWords)-1:0] replay_addr_o,
  output logic [7:0]                     replay_part_o,
  output logic                           starved_o,     // waits for an operand
  output logic                           blocked_o      // waits for the drain
);
  localparam int unsigned ReplayBits = $clog2(ReplayWords);
  localparam int unsigned Parts = Lanes / Pc;       // array words in a replay word
  localparam int unsigned Columns = Pk / Lanes;     // result words of a pixel in a column tile

  logic                  active_q;
  logic [15:0]           weight_q;
  logic [11:0]           channel_q, column_q;       // tiles of input and output channels
  logic [19:0]           pixel_q;
  logic [7:0]            part_q, groups_left_q, drain_q;
  logic [ReplayBits-1:0] tile_q, word_q;
  logic [ReplayBits:0]   ready_q;                   // tiles in the replay buffer

  logic       here, last_channel, last_column, last_tile, drained, go, done_tile, last_part;
  logic [7:0] words;                                // result words of a pixel in this column tile

  assign here         = ready_q != '0;
  assign last_channel = channel_q == desc_i.channel_tiles - 12'd1;
  assign last_column  = column_q == desc_i.column_tiles - 12'd1;
  assign last_tile    = pixel_q + 20'(Pp) >= desc_i.pixels_out;
  assign last_part    = part_q == 8'(Parts - 1);
  assign drained      = !last_channel || drain_q == '0;
  assign go           = active_q && here && drained;
  assign done_tile    = go && last_channel && last_column;
  assign words        = groups_left_q < 8'(Columns) ? groups_left_q : 8'(Columns);

  assign busy_o    = active_q;
  assign starved_o = active_q && !here;
  assign blocked_o = active_q && here && !drained;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      active_q  <= 1'b0;
      valid_o   <= 1'b0;
      release_o <= 1'b0;
      ready_q   <= '0;
      tile_q    <= '0;
      drain_q   <= '0;
    end else begin
      valid_o   <= go;
      release_o <= done_tile;
      ready_q   <= ready_q + (ReplayBits + 1)'(tile_ready_i) - (ReplayBits + 1)'(done_tile);
      if (start_i) active_q <= 1'b1;
      else if (done_tile && last_tile) active_q <= 1'b0;
      if (done_tile) tile_q <= tile_q + ReplayBits'(desc_i.groups_in);
      if (go && last_channel) drain_q <= 8'(Pp) * words - 8'd1;
      else if (drain_q != '0) drain_q <= drain_q - 8'd1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (start_i) begin
      weight_q      <= desc_i.weight_base;
      channel_q     <= '0;
      column_q      <= '0;
      pixel_q       <= '0;
      part_q        <= '0;
      word_q        <= '0;
      groups_left_q <= desc_i.groups_out;
    end else if (go) begin
      weight_q  <= done_tile ? desc_i.weight_base : weight_q + 16'd1;
      channel_q <= last_channel ? '0 : channel_q + 12'd1;
      part_q    <= last_channel || last_part ? '0 : part_q + 8'd1;
      if (last_channel) word_q <= '0;
      else if (last_part) word_q <= word_q + ReplayBits'(1);
      if (last_channel) begin
        column_q      <= last_column ? '0 : column_q + 12'd1;
        groups_left_q <= last_column ? desc_i.groups_out : groups_left_q - 8'(Columns);
        if (last_column) pixel_q <= pixel_q + 20'(Pp);
      end
    end
    first_o         <= channel_q == '0;
    last_o          <= last_channel;
    weight_addr_o   <= weight_q;
    replay_addr_o   <= tile_q + word_q;
    replay_part_o   <= part_q;
    release_words_o <= desc_i.groups_in;
  end

`ifdef FORMAL
`include "dsode_mac_sequencer.svh"
`endif
endmodule
