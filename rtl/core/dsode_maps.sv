// The memories of maps: two copies of the state, one for the reader and one for the drain's increments, the activations
// and two image buffers. Data come two cycles after their address.
module dsode_maps #(
  parameter int unsigned Lanes = 4,
  parameter int unsigned StateWords = 512,
  parameter int unsigned ActivationWords = 512,
  parameter int unsigned ImagePixels = 1024
) (
  input  logic                clk_i,
  input  logic                state_we_i,
  input  logic                activation_we_i,
  input  logic [19:0]         waddr_i,
  input  logic [Lanes*32-1:0] wdata_i,
  input  logic                pixel_we_i,
  input  logic                pixel_wbuffer_i,
  input  logic [19:0]         pixel_waddr_i,
  input  logic [23:0]         pixel_i,
  input  logic [19:0]         source_addr_i,
  input  logic                pixel_buffer_i,
  output logic [Lanes*16-1:0] state_o,
  output logic [Lanes*8-1:0]  activation_o,
  output logic [23:0]         pixel_o,
  input  logic [19:0]         addend_addr_i,
  output logic [Lanes*16-1:0] addend_o
);
  localparam int unsigned StateBits = $clog2(StateWords);
  localparam int unsigned ActivationBits = $clog2(ActivationWords);
  localparam int unsigned PixelBits = $clog2(2 * ImagePixels);

  logic [Lanes*16-1:0] state;
  logic [Lanes*8-1:0]  activation;
  logic                unused;
  assign unused = ^{wdata_i, waddr_i, source_addr_i, addend_addr_i, pixel_waddr_i};
  for (genvar l = 0; l < Lanes; l++) begin : gen_lane
    assign state[l*16+:16]    = wdata_i[l*32+:16];
    assign activation[l*8+:8] = wdata_i[l*32+:8];
  end

  dsode_ram #(.Width(Lanes * 16), .Depth(StateWords), .Style("ultra")) u_state (
    .clk_i, .we_i(state_we_i), .waddr_i(waddr_i[StateBits-1:0]), .wdata_i(state),
    .raddr_i(source_addr_i[StateBits-1:0]), .rdata_o(state_o)
  );
  dsode_ram #(.Width(Lanes * 16), .Depth(StateWords), .Style("ultra")) u_addend (
    .clk_i, .we_i(state_we_i), .waddr_i(waddr_i[StateBits-1:0]), .wdata_i(state),
    .raddr_i(addend_addr_i[StateBits-1:0]), .rdata_o(addend_o)
  );
  dsode_ram #(.Width(Lanes * 8), .Depth(ActivationWords), .Style("ultra")) u_activation (
    .clk_i, .we_i(activation_we_i), .waddr_i(waddr_i[ActivationBits-1:0]), .wdata_i(activation),
    .raddr_i(source_addr_i[ActivationBits-1:0]), .rdata_o(activation_o)
  );
  dsode_ram #(.Width(24), .Depth(2 * ImagePixels), .Style("block")) u_pixel (
    .clk_i, .we_i(pixel_we_i),
    .waddr_i(PixelBits'(pixel_waddr_i + (pixel_wbuffer_i ? 20'(ImagePixels) : '0))), .wdata_i(pixel_i),
    .raddr_i(PixelBits'(source_addr_i + (pixel_buffer_i ? 20'(ImagePixels) : '0))), .rdata_o(pixel_o)
  );
endmodule
