#include "onnx/model.h"

#include "base/error.h"
#include "base/protobuf.h"

namespace dsode::onnx {

using protobuf::field;

namespace {

constexpr int kIrVersion = 7, kOperatorSet = 13;
constexpr size_t kMaxBytes = 0x7FFFFFFF;  // of a message

// TensorProto.DataType, in the order of ir::DType.
constexpr int kDataTypes[] = {9, 2, 3, 4, 5, 10, 16, 12, 6, 1, 13, 7, 11};
int data_type(ir::DType dtype) { return kDataTypes[static_cast<size_t>(dtype)]; }

// AttributeProto: name = 1, f = 2, i = 3, ints = 8, type = 20.
struct AttributeValue {
  enum Type { kFloat = 1, kInt = 2, kInts = 7 };
  std::string operator()(float value) const { return field(2, value) + field(20, int{kFloat}); }
  std::string operator()(int64_t value) const { return field(3, value) + field(20, int{kInt}); }
  std::string operator()(const std::vector<int64_t>& values) const {
    std::string bytes;
    for (const int64_t value : values) bytes += field(8, value);
    return bytes + field(20, int{kInts});
  }
};

// NodeProto: input = 1, output = 2, name = 3, op_type = 4, attribute = 5.
std::string encode(const Node& node) {
  std::string bytes;
  for (const auto& input : node.inputs) bytes += field(1, input);
  bytes += field(2, node.output) + field(3, node.output) + field(4, node.op);
  for (const auto& [name, value] : node.attributes)
    bytes += field(5, field(1, name) + std::visit(AttributeValue{}, value));
  return bytes;
}

// TensorProto: dims = 1, data_type = 2, name = 8, raw_data = 9.
std::string encode(const Initializer& initializer) {
  const ir::Tensor& tensor = initializer.tensor;
  std::string bytes;
  for (const int64_t dim : tensor.shape) bytes += field(1, dim);
  bytes += field(2, data_type(tensor.dtype)) + field(8, initializer.name);
  return bytes +
         field(9, std::string_view(reinterpret_cast<const char*>(tensor.bytes.data()), tensor.bytes.size()));
}

// ValueInfoProto: name = 1, type = 2, doc_string = 3. TypeProto: tensor_type = 1, of elem_type = 1, shape =
// 2. TensorShapeProto: dim = 1, of dim_value = 1 or dim_param = 2.
std::string encode(const Value& value) {
  std::string shape = field(1, field(2, "N"));
  for (const int64_t dim : value.shape) shape += field(1, field(1, dim));
  const std::string tensor = field(1, data_type(value.dtype)) + field(2, shape);
  return field(1, value.name) + field(2, field(1, tensor)) + field(3, value.doc);
}

template <class Parts>
void append(std::string& bytes, int number, const Parts& parts) {
  for (const auto& part : parts) bytes += field(number, encode(part));
}

// GraphProto: node = 1, name = 2, initializer = 5, input = 11, output = 12.
std::string encode_graph(const Model& model) {
  std::string bytes;
  append(bytes, 1, model.nodes);
  bytes += field(2, model.name);
  append(bytes, 5, model.initializers);
  append(bytes, 11, model.inputs);
  append(bytes, 12, model.outputs);
  return bytes;
}

}  // namespace

// ModelProto: ir_version = 1, producer_name = 2, producer_version = 3, doc_string = 6, graph = 7,
// opset_import = 8 of version = 2, metadata_props = 14 of key = 1, value = 2.
std::string serialize(const Model& model) {
  std::string bytes = field(1, kIrVersion) + field(2, "dsodenet") + field(3, model.producer_version) +
                      field(6, model.doc) + field(7, encode_graph(model)) + field(8, field(2, kOperatorSet));
  for (const auto& [key, value] : model.metadata) bytes += field(14, field(1, key) + field(2, value));
  if (bytes.size() > kMaxBytes)
    throw bad_input(fmt::format("{}: {} bytes as ONNX, whose files hold 2 GB", model.name, bytes.size()),
                    "use a smaller model, or --format ir");
  return bytes;
}

}  // namespace dsode::onnx
