// CRC-32 (IEEE 802.3, as zlib's) of a stream of 32-bit words, the lowest byte first: the next remainder. Begin with all ones,
// invert at the end.
module dsode_crc32 (
  input  logic [31:0] crc_i,
  input  logic [31:0] data_i,
  output logic [31:0] crc_o
);
  always_comb begin
    crc_o = crc_i ^ data_i;
    for (int i = 0; i < 32; i++) crc_o = crc_o[0] ? (crc_o >> 1) ^ 32'hedb88320 : crc_o >> 1;
  end
endmodule
