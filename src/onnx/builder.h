// Grows a model node by node. Every tensor gets a name of its own; what is asked for again under the same key
// is shared.
#pragma once

#include <set>

#include "onnx/model.h"

namespace dsode::onnx {

class Builder {
 public:
  // `model` has its inputs and outputs.
  explicit Builder(Model model);

  // The result of a new node, called `name`, or "<name>@<k>" where that is taken. Throws bad_input where the
  // nodes get too many.
  std::string node(const std::string& op, const std::string& name, std::vector<std::string> inputs,
                   std::vector<Attribute> attributes = {});
  // The node that gives the model's output `name`.
  void output(const std::string& op, const std::string& name, std::vector<std::string> inputs);

  // The tensor that `make()` returned where `key` was asked for first.
  template <class Make>
  std::string once(const std::string& key, Make&& make) {
    const auto [found, is_new] = made_.try_emplace(key);
    if (is_new) found->second = make();
    return found->second;
  }
  // The constant that `make()`, an ir::Tensor, gives.
  template <class Make>
  std::string constant(const std::string& key, Make&& make) {
    return once(key, [&] { return initializer(key, make()); });
  }
  std::string scalar(double value);
  std::string integers(const std::string& key, const std::vector<int64_t>& values);  // [n]
  std::string zeros(int n);                                                          // [n]
  std::string ones(int n);                                                           // [n]

  // The model, without what no output needs.
  Model finish() &&;

 private:
  std::string fresh(const std::string& name);
  std::string initializer(const std::string& name, ir::Tensor tensor);
  void add(Node node);

  Model model_;
  std::map<std::string, std::string> made_;  // name by key
  std::set<std::string> names_;
  std::map<std::string, int> asked_;  // how often for a name
};

}  // namespace dsode::onnx
