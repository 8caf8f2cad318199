// What travels inside of the core. What software must know too, descriptors and registers, is in dsode_cfg_pkg, which
// `dsodenet compile` and the build generate from src/accel/descriptor.h and registers.h.
package dsode_pkg;
  // One word that the reader takes from the source map, and what is to become of it.
  typedef struct packed {
    logic [7:0]  group;      // Lanes channels, the innermost index
    logic [11:0] ring;       // its place in the line buffer: one row of words
    logic        outside_t;  // of the window that this word completes: the upper taps lie outside of the map
    logic        outside_b;
    logic        outside_l;
    logic        outside_r;
    logic        first;      // of the map's first pixel
    logic        emit;       // completes a word of the operand
    logic [2:0]  slot;       // of which pixel in its tile
    logic [9:0]  replay;     // which word of the replay buffer
    logic        tile_done;  // the last word of a tile
  } step_t;
  localparam int unsigned StepBits = 40;  // $bits(step_t), which Yosys does not read

  // 32 bits on their way into a memory of parameters: `kind` says which, `part` which 32 bits of its word.
  typedef struct packed {
    logic        valid;
    logic [2:0]  kind;       // dsode_cfg_pkg::Load*
    logic [11:0] part;
    logic [15:0] addr;
    logic [31:0] data;
  } load_t;
endpackage
