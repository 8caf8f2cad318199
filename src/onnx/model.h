// An ONNX model as a file holds it: ir_version 7, operator set 13, which every runtime since 2020 reads
// (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto). Written by hand, as of the format's messages and
// fields we need few and only write them.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "ir/safetensors.h"

namespace dsode::onnx {

struct Attribute {
  std::string name;
  std::variant<int64_t, float, std::vector<int64_t>> value;
};

// Gives the one tensor `output`, which also names the node.
struct Node {
  std::string op;  // "Conv"
  std::vector<std::string> inputs;
  std::string output;
  std::vector<Attribute> attributes;
};

// A constant that any number of nodes may read.
struct Initializer {
  std::string name;
  ir::Tensor tensor;
};

// What goes in or comes out: [N, shape...], any number of images at once.
struct Value {
  std::string name, doc;
  ir::DType dtype = ir::DType::kF32;
  std::vector<int64_t> shape;
};

struct Model {
  std::string name, doc, producer_version;
  std::map<std::string, std::string> metadata;
  std::vector<Value> inputs, outputs;
  std::vector<Initializer> initializers;
  std::vector<Node> nodes;  // each behind those that it reads
};

// The bytes of a .onnx file. Throws bad_input where they are more than the format allows.
std::string serialize(const Model& model);

}  // namespace dsode::onnx
