// Takes a model's packet: header, sections of memory words, CRC-32. What it holds counts only when its length, its target
// and its CRC are right. Beats come one a cycle as they like; the packet ends with TLAST, wherever an error was found.
module dsode_model_loader (
  input  logic             clk_i,
  input  logic             rst_ni,
  input  logic             abort_i,        // a model that is being loaded is lost, one that is there stays
  input  logic             start_i,        // the next packet is a model
  output logic             busy_o,
  output logic             valid_o,        // a model is there
  input  logic             tvalid_i,       // a beat while busy_o; it is always taken
  input  logic [31:0]      tdata_i,
  input  logic             tlast_i,
  output dsode_pkg::load_t load_o,
  output logic [19:0]      image_pixels_o,
  output logic             image_colour_o,
  output logic [19:0]      image_beats_o,
  output logic [15:0]      classes_o,
  output logic             length_error_o, // one cycle each
  output logic             crc_error_o,
  output logic             header_error_o
);
  typedef enum logic [2:0] {Idle, Header, Section, Address, Word, Drain} state_e;
  state_e      state_q;
  logic [27:0] left_q;            // beats of the packet
  logic [2:0]  header_q;
  logic [2:0]  kind_q;
  logic [15:0] words_q, addr_q;
  logic [11:0] part_q;
  logic [31:0] crc_q, crc_next;
  logic        last, unused;

  // Parts of a memory's word, and its words.
  logic [11:0] parts;
  logic [16:0] depth;
  always_comb begin
    parts = 12'(dsode_cfg_pkg::Lanes * 3 / 2);
    depth = 17'(dsode_cfg_pkg::ParamDepth);
    unique case (kind_q)
      dsode_cfg_pkg::LoadWeight: begin
        parts = 12'(dsode_cfg_pkg::Pc * dsode_cfg_pkg::Pk / 4);
        depth = 17'(dsode_cfg_pkg::WeightDepth);
      end
      dsode_cfg_pkg::LoadAffine: depth = 17'(dsode_cfg_pkg::AffineDepth);
      dsode_cfg_pkg::LoadDepthwise: begin
        parts = 12'(dsode_cfg_pkg::Lanes * 3);
        depth = 17'(dsode_cfg_pkg::DepthwiseDepth);
      end
      dsode_cfg_pkg::LoadTime: begin
        parts = 12'(dsode_cfg_pkg::Lanes);
        depth = 17'(dsode_cfg_pkg::TimeDepth);
      end
      dsode_cfg_pkg::LoadDescriptor: begin
        parts = 12'(dsode_cfg_pkg::DescriptorParts);
        depth = 17'(dsode_cfg_pkg::DescriptorDepth);
      end
      default: ;
    endcase
  end

  dsode_crc32 u_crc (.crc_i(crc_q), .data_i(tdata_i), .crc_o(crc_next));

  assign busy_o = state_q != Idle;
  assign last   = left_q == 28'd1;
  assign unused = ^{tdata_i, image_bytes[1:0]};

  logic        header_wrong, section_wrong;
  logic [21:0] image_bytes;           // and 3, to round up to beats
  assign image_bytes = 22'(image_pixels_o) + (image_colour_o ? 22'({image_pixels_o, 1'b0}) : '0) + 22'd3;
  always_comb begin
    unique case (header_q)
      3'd0: header_wrong = tdata_i != dsode_cfg_pkg::Magic;
      3'd1: header_wrong = tdata_i[31:28] != '0 || tdata_i[27:0] < 28'd8;
      3'd2: header_wrong = tdata_i != dsode_cfg_pkg::Fingerprint;
      3'd3: header_wrong = tdata_i[19:0] == '0 || tdata_i[19:0] > 20'(dsode_cfg_pkg::ImagePixels);
      3'd4: header_wrong = tdata_i != 32'(image_bytes[21:2]);
      default: header_wrong = tdata_i[15:0] == '0 || tdata_i[15:0] > 16'(dsode_cfg_pkg::ScoreWords * dsode_cfg_pkg::Lanes);
    endcase
  end
  assign section_wrong = words_q == '0 || 17'(tdata_i[15:0]) + 17'(words_q) > depth || kind_q > dsode_cfg_pkg::LoadTime;

  always_ff @(posedge clk_i) begin
    length_error_o <= 1'b0;
    crc_error_o    <= 1'b0;
    header_error_o <= 1'b0;
    load_o.valid   <= 1'b0;
    if (!rst_ni || abort_i) begin
      state_q <= Idle;
      if (!rst_ni || state_q != Idle) valid_o <= 1'b0;
    end else if (start_i) begin
      state_q  <= Header;
      valid_o  <= 1'b0;
      header_q <= '0;
      left_q   <= '1;
      crc_q    <= '1;
    end else if (tvalid_i && state_q != Idle) begin
      crc_q  <= crc_next;
      left_q <= left_q - 28'd1;
      unique case (state_q)
        Header: begin
          header_q <= header_q + 3'd1;
          if (header_q == 3'd1) left_q <= tdata_i[27:0] - 28'd2;
          if (header_q == 3'd3) {image_colour_o, image_pixels_o} <= {tdata_i[24], tdata_i[19:0]};
          if (header_q == 3'd4) image_beats_o <= tdata_i[19:0];
          if (header_q == 3'd5) begin
            classes_o <= tdata_i[15:0];
            state_q   <= Section;
          end
          if (header_wrong) begin
            header_error_o <= 1'b1;
            state_q        <= Drain;
          end
        end
        Section: begin
          kind_q  <= tdata_i[30:28];
          words_q <= tdata_i[15:0];
          state_q <= Address;
          // The last beat of all is the CRC's.
          if (last) begin
            crc_error_o <= tlast_i && tdata_i != ~crc_q;
            valid_o     <= tlast_i && tdata_i == ~crc_q;
          end
        end
        Address: begin
          addr_q  <= tdata_i[15:0];
          part_q  <= '0;
          state_q <= Word;
          if (section_wrong) begin
            header_error_o <= 1'b1;
            state_q        <= Drain;
          end
        end
        Word: begin
          load_o.valid <= 1'b1;
          load_o.kind  <= kind_q;
          load_o.part  <= part_q;
          load_o.addr  <= addr_q;
          load_o.data  <= tdata_i;
          part_q       <= part_q + 12'd1;
          if (part_q == parts - 12'd1) begin
            part_q  <= '0;
            addr_q  <= addr_q + 16'd1;
            words_q <= words_q - 16'd1;
            if (words_q == 16'd1) state_q <= Section;
          end
        end
        default: ;
      endcase
      if (state_q != Drain && (tlast_i != last || (last && state_q != Section))) length_error_o <= 1'b1;
      if (state_q != Drain && last && !tlast_i) state_q <= Drain;
      if (tlast_i) state_q <= Idle;
    end
  end
endmodule
