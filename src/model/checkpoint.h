// Networks on disk: safetensors with the model's spec in the metadata (contract).
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "ir/checkpoint_graph.h"
#include "model/network.h"

namespace dsode::model {

// All parameters and buffers under their module names, `prefix` in front.
void store(Network& network, const std::string& prefix, ir::SafeTensors& file);
// Copies them back. Throws bad_input naming the tensor when one is missing, of another shape or not finite.
void restore(Network& network, const std::string& prefix, const ir::SafeTensors& file);

using Metadata = std::map<std::string, std::string>;

// Format and spec.
Metadata metadata(Network& network);
void save_checkpoint(Network& network, const std::filesystem::path& path, const Metadata& extra = {});

// `path` is a file, or a run folder whose best.safetensors is meant.
std::filesystem::path checkpoint_file(const std::filesystem::path& path);
Network load_checkpoint(const std::filesystem::path& path);
Network load_checkpoint(const ir::SafeTensors& file);

}  // namespace dsode::model
