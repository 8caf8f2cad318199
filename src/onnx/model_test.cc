#include "onnx/model.h"

#include <gtest/gtest.h>

namespace dsode::onnx {
namespace {

using namespace std::string_literals;

// The bytes that onnx 1.16 for Python writes for this model.
const std::string kReference =
    "\010\007\022\010dsodenet\032\0051.2.32\003doc:\310\001\012\037\012\001x\022\001y\032\001"
    "y\042\007Flatten*\013\012\004axis\030\001\240\001\002\012\037\012\001y\022\001w\032\001w"
    "\042\003Elu*\017\012\005alpha\025\000\000\000?\240\001\001\012#\012\001w\022\001v\032"
    "\001v\042\011Transpose*\015\012\004perm@\000@\001\240\001\007\012\021\012\001v\012\001b"
    "\022\001z\032\001z\042\003Add\022\004tiny*\021\010\002\020\001B\001bJ\010\000\000\200?"
    "\000\000\000\300Z\030\012\001x\022\017\012\015\010\002\022\011\012\003\022\001N\012\002"
    "\010\002\032\002inb\031\012\001z\022\017\012\015\010\001\022\011\012\003\022\001N\012"
    "\002\010\002\032\003outB\002\020\015r\006\012\001k\022\001v"s;

TEST(Model, IsWrittenAsTheReferenceWritesIt) {
  const std::vector<float> bias{1, -2};
  Model model;
  model.name = "tiny";
  model.doc = "doc";
  model.producer_version = "1.2.3";
  model.metadata = {{"k", "v"}};
  model.inputs = {{"x", "in", ir::DType::kU8, {2}}};
  model.outputs = {{"z", "out", ir::DType::kF32, {2}}};
  model.initializers = {{"b", ir::Tensor::of<float>(bias, {2})}};
  model.nodes = {{"Flatten", {"x"}, "y", {{"axis", int64_t{1}}}},
                 {"Elu", {"y"}, "w", {{"alpha", 0.5F}}},
                 {"Transpose", {"w"}, "v", {{"perm", std::vector<int64_t>{0, 1}}}},
                 {"Add", {"v", "b"}, "z", {}}};
  EXPECT_EQ(serialize(model), kReference);
}

}  // namespace
}  // namespace dsode::onnx
