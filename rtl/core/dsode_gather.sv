// The stem's operand: the window's taps of a grey or a coloured image (lanes 0 to 2) in the order ky, kx, channel, Lanes of
// them a word; what is left of the last word is 0.
module dsode_gather #(
  parameter int unsigned Lanes = 4
) (
  input  logic                 colour_i,
  input  logic [7:0]           word_i,
  input  logic [9*Lanes*8-1:0] window_i,
  output logic [Lanes*8-1:0]   operand_o
);
  localparam int unsigned Words = (27 + Lanes - 1) / Lanes;
  localparam int unsigned WordBits = Words > 1 ? $clog2(Words) : 1;

  logic [Words*Lanes*8-1:0] grey, colour;
  logic [Lanes*8-1:0]       word_of [0:(1<<WordBits)-1];
  logic                     unused;

  for (genvar b = 0; b < Words * Lanes; b++) begin : gen_byte
    if (b < 9) begin : gen_grey
      assign grey[b*8+:8] = window_i[b*Lanes*8+:8];
    end else begin : gen_no_grey
      assign grey[b*8+:8] = '0;
    end
    if (b < 27) begin : gen_colour
      assign colour[b*8+:8] = window_i[(b/3*Lanes+b%3)*8+:8];
    end else begin : gen_no_colour
      assign colour[b*8+:8] = '0;
    end
  end
  for (genvar w = 0; w < (1 << WordBits); w++) begin : gen_word
    if (w < Words) begin : gen_bytes
      assign word_of[w] = colour_i ? colour[w*Lanes*8+:Lanes*8] : grey[w*Lanes*8+:Lanes*8];
    end else begin : gen_none
      assign word_of[w] = '0;
    end
  end
  assign operand_o = word_of[word_i[WordBits-1:0]];
  assign unused    = ^{window_i, word_i};
endmodule
