// tau times time[class][column] of the drain's steps, four cycles after each: what a channel that holds t would add. The class
// says which of the nine taps around the pixel lie in the map: 3 rows of 3, at the upper, no, or lower border, and so across.
module dsode_time_bias #(
  parameter int unsigned Lanes = 4,
  parameter int unsigned Depth = 256
) (
  input  logic                 clk_i,
  input  dsode_pkg::load_t     load_i,
  input  logic                 start_i,
  input  dsode_cfg_pkg::desc_t desc_i,
  input  logic                 next_pixel_i,  // the next step is of the next pixel
  input  logic                 next_tile_i,   // and opens the next tile of pixels
  input  logic                 again_i,       // the next step is of this tile's first pixel, other columns
  input  logic [7:0]           group_i,       // of the step's columns
  output logic [Lanes*27-1:0]  bias_o
);
  localparam int unsigned AddrBits = $clog2(Depth);

  logic [11:0]         x_q, y_q, tile_x_q, tile_y_q, next_x, next_y;
  logic [1:0]          row, column;
  logic [15:0]         addr_q, row_words_q, row_words;
  logic [9:0]          column_words;
  logic [Lanes*32-1:0] times;
  logic                unused;

  assign next_x = x_q == desc_i.width - 12'd1 ? '0 : x_q + 12'd1;
  assign next_y = x_q == desc_i.width - 12'd1 ? y_q + 12'd1 : y_q;
  assign row    = y_q == '0 ? 2'd0 : y_q == desc_i.height - 12'd1 ? 2'd2 : 2'd1;
  assign column = x_q == '0 ? 2'd0 : x_q == desc_i.width - 12'd1 ? 2'd2 : 2'd1;
  assign unused = ^{addr_q, times};
  // Products with 0, 1 or 2: no multipliers.
  assign row_words    = row == 2'd0 ? '0 : row == 2'd1 ? row_words_q : row_words_q << 1;
  assign column_words = column == 2'd0 ? '0 : column == 2'd1 ? 10'(desc_i.groups_out) : 10'(desc_i.groups_out) << 1;

  always_ff @(posedge clk_i) begin
    if (start_i) begin
      {x_q, y_q}           <= '0;
      {tile_x_q, tile_y_q} <= '0;
    end else if (again_i) begin
      {x_q, y_q} <= {tile_x_q, tile_y_q};
    end else if (next_pixel_i) begin
      {x_q, y_q} <= {next_x, next_y};
      if (next_tile_i) {tile_x_q, tile_y_q} <= {next_x, next_y};
    end
    row_words_q <= 16'(desc_i.groups_out) + (16'(desc_i.groups_out) << 1);
    addr_q      <= desc_i.time_base + 16'(group_i) + row_words + 16'(column_words);
  end

  dsode_params #(.Parts(Lanes), .Depth(Depth)) u_times (
    .clk_i, .we_i(load_i.valid && load_i.kind == dsode_cfg_pkg::LoadTime), .wpart_i(load_i.part),
    .waddr_i(load_i.addr[AddrBits-1:0]), .wdata_i(load_i.data), .raddr_i(addr_q[AddrBits-1:0]), .data_o(times)
  );
  for (genvar l = 0; l < Lanes; l++) begin : gen_lane
    logic signed [26:0] product_q;
    always_ff @(posedge clk_i) begin
      product_q <= desc_i.timed ? 27'($signed(times[l*32+:27])) * 27'($signed({1'b0, desc_i.tau})) : '0;
    end
    assign bias_o[l*27+:27] = product_q;
  end
endmodule
