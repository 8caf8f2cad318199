#include "onnx/builder.h"

#include "base/error.h"

namespace dsode::onnx {

namespace {

constexpr size_t kMaxNodes = 200'000;

ir::Tensor filled(int n, float value) {
  return ir::Tensor::of<float>(std::vector<float>(static_cast<size_t>(n), value), {n});
}

}  // namespace

Builder::Builder(Model model) : model_(std::move(model)) {
  for (const auto* values : {&model_.inputs, &model_.outputs})
    for (const Value& value : *values) names_.insert(value.name);
}

std::string Builder::fresh(const std::string& name) {
  int& asked = asked_[name];
  std::string unique;
  do {
    unique = asked == 0 ? name : fmt::format("{}@{}", name, asked);
    ++asked;
  } while (!names_.insert(unique).second);
  return unique;
}

void Builder::add(Node node) {
  if (model_.nodes.size() == kMaxNodes)
    throw bad_input(fmt::format("{}: more than {} nodes when its steps are unrolled", model_.name, kMaxNodes),
                    "use fewer steps, or --format ir");
  model_.nodes.push_back(std::move(node));
}

std::string Builder::node(const std::string& op, const std::string& name, std::vector<std::string> inputs,
                          std::vector<Attribute> attributes) {
  std::string output = fresh(name);
  add({op, std::move(inputs), output, std::move(attributes)});
  return output;
}

void Builder::output(const std::string& op, const std::string& name, std::vector<std::string> inputs) {
  add({op, std::move(inputs), name, {}});
}

std::string Builder::initializer(const std::string& name, ir::Tensor tensor) {
  return model_.initializers.emplace_back(fresh(name), std::move(tensor)).name;
}

std::string Builder::scalar(double value) {
  const auto single = static_cast<float>(value);
  return constant(fmt::format("{}", single), [&] { return ir::Tensor::of(std::span(&single, 1), {}); });
}

std::string Builder::integers(const std::string& key, const std::vector<int64_t>& values) {
  return constant(key,
                  [&] { return ir::Tensor::of(std::span(values), {static_cast<int64_t>(values.size())}); });
}

std::string Builder::zeros(int n) {
  return constant(fmt::format("zeros.{}", n), [&] { return filled(n, 0); });
}

std::string Builder::ones(int n) {
  return constant(fmt::format("ones.{}", n), [&] { return filled(n, 1); });
}

Model Builder::finish() && {
  std::set<std::string> needed;
  for (const Value& value : model_.outputs) needed.insert(value.name);
  std::vector<Node> nodes;
  for (auto node = model_.nodes.rbegin(); node != model_.nodes.rend(); ++node) {
    if (!needed.contains(node->output)) continue;
    needed.insert(node->inputs.begin(), node->inputs.end());
    nodes.push_back(std::move(*node));
  }
  model_.nodes.assign(std::make_move_iterator(nodes.rbegin()), std::make_move_iterator(nodes.rend()));
  std::erase_if(model_.initializers, [&](const Initializer& it) { return !needed.contains(it.name); });
  return std::move(model_);
}

}  // namespace dsode::onnx
