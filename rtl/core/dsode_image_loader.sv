// Takes images of grey or coloured bytes, tightly packed, one pixel a cycle into one of two buffers. A packet that ends too
// early or too late is an error; the rest of it is swallowed.
module dsode_image_loader (
  input  logic        clk_i,
  input  logic        rst_ni,
  input  logic        abort_i,         // forget all images, but not that a packet's rest is to be swallowed
  input  logic        enable_i,        // a model is there, and no other is loaded
  input  logic [19:0] pixels_i,
  input  logic        colour_i,
  input  logic [19:0] beats_i,
  output logic        busy_o,          // inside of a packet
  output logic        tready_o,
  input  logic        tvalid_i,
  input  logic [31:0] tdata_i,
  input  logic        tlast_i,
  output logic        we_o,
  output logic        wbuffer_o,
  output logic [19:0] waddr_o,
  output logic [23:0] pixel_o,
  input  logic        release_i,       // the image that is due was read
  output logic        buffer_o,        // where it lies
  output logic [19:0] readable_o,      // its pixels that are there
  output logic        early_error_o,   // one cycle each
  output logic        late_error_o
);
  logic [55:0] bytes_q;
  logic [2:0]  held_q;                 // bytes
  logic [19:0] beat_q, pixel_q;        // of the image that comes in
  logic        write_q, read_q, swallow_q;
  logic [1:0]  full_q;
  logic [2:0]  take, rest;
  logic        beat, ends, unpack, last_pixel, opened;

  assign take       = colour_i ? 3'd3 : 3'd1;
  assign unpack     = held_q >= take && pixel_q < pixels_i;
  assign rest       = unpack ? held_q - take : held_q;
  assign last_pixel = unpack && pixel_q == pixels_i - 20'd1;
  assign tready_o   = swallow_q || (enable_i && !abort_i && !full_q[write_q] && rest <= 3'd3 && beat_q != beats_i);
  assign beat       = tvalid_i && tready_o && !swallow_q;
  assign ends       = beat_q == beats_i - 20'd1;
  assign busy_o     = beat_q != '0 || swallow_q;
  assign opened     = beat_q != '0 && beat_q != beats_i && !early_error_o;

  assign we_o       = unpack;
  assign wbuffer_o  = write_q;
  assign waddr_o    = pixel_q;
  assign pixel_o    = bytes_q[23:0];
  assign buffer_o   = read_q;
  assign readable_o = full_q[read_q] ? pixels_i : write_q == read_q ? pixel_q : '0;

  always_ff @(posedge clk_i) begin
    early_error_o <= 1'b0;
    late_error_o  <= 1'b0;
    if (!rst_ni || abort_i) begin
      held_q    <= '0;
      beat_q    <= '0;
      pixel_q   <= '0;
      write_q   <= 1'b0;
      read_q    <= 1'b0;
      full_q    <= '0;
      // A packet that is on its way, or in which the error was found, ends with its TLAST.
      swallow_q <= rst_ni && (opened || (swallow_q && !(tvalid_i && tlast_i)));
    end else begin
      held_q <= rest + (beat ? 3'd4 : 3'd0);
      if (unpack) pixel_q <= pixel_q + 20'd1;
      if (beat) beat_q <= beat_q + 20'd1;
      if (last_pixel) begin
        full_q[write_q] <= 1'b1;
        write_q         <= !write_q;
        held_q          <= '0;
        pixel_q         <= '0;
        beat_q          <= '0;
      end
      if (release_i) begin
        full_q[read_q] <= 1'b0;
        read_q         <= !read_q;
      end
      if (beat && tlast_i && !ends) early_error_o <= 1'b1;
      if (beat && !tlast_i && ends) begin
        late_error_o <= 1'b1;
        swallow_q    <= 1'b1;
      end
      if (swallow_q && tvalid_i && tlast_i) swallow_q <= 1'b0;
    end
    bytes_q <= (unpack ? bytes_q >> {take, 3'b0} : bytes_q);
    if (beat) begin
      for (int b = 0; b < 7; b++) begin
        if (b >= 32'(rest) && b < 32'(rest) + 4) bytes_q[b*8+:8] <= tdata_i[(b-32'(rest))*8+:8];
      end
    end
  end

`ifdef FORMAL
`include "dsode_image_loader.svh"
`endif
endmodule
