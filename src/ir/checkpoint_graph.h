// From a checkpoint to its graph, without libtorch: the names and shapes of a checkpoint's tensors are fixed
// by its specification.
#pragma once

#include "ir/graph.h"

namespace dsode::ir {

inline constexpr const char* kCheckpointFormat = "dsodenet-checkpoint/1";
inline constexpr const char* kCheckpointRemedy =
    "name a run folder of `dsodenet train` or `adapt`, or a .safetensors file";

// The specification of a checkpoint. Throws bad_input naming the file where it is not one.
ModelSpec checkpoint_spec(const SafeTensors& file);

// The network in evaluation mode: batch norms with their running statistics become scale and bias a row,
// resnet's blocks become loops of one step, adaptive steps become `spec.steps` equal ones (logged, since the
// results then differ). Throws bad_input naming the tensor that is missing, of another shape or not finite.
Graph graph_from_checkpoint(const SafeTensors& file);

// The graph that `file`, a graph or a checkpoint, holds.
Graph any_graph_from(const SafeTensors& file);

// The graph in `path`: a graph file, a checkpoint, or a run folder, whose best checkpoint is meant.
Graph load_any_graph(const std::filesystem::path& path);

// `path` itself, or `path`/`file` where it is a folder. Throws bad_input with `remedy` where that is missing.
std::filesystem::path artifact_file(const std::filesystem::path& path, const std::string& file,
                                    const std::string& remedy);

}  // namespace dsode::ir
