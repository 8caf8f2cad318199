#include "ir/safetensors.h"

#include <gtest/gtest.h>

#include <fstream>

#include "base/error.h"

namespace dsode::ir {
namespace {

using Bytes = std::vector<uint8_t>;

Bytes make_file(std::string_view header, size_t data_bytes) {
  Bytes file(8 + header.size() + data_bytes, 7);
  const uint64_t length = header.size();
  std::memcpy(file.data(), &length, 8);
  std::memcpy(file.data() + 8, header.data(), header.size());
  return file;
}

SafeTensors sample() {
  SafeTensors content;
  content.metadata = {{"format", "dsodenet/1"}, {"classes", "café,\"quoted\"\n"}};
  content.tensors["weight"] = Tensor::of<float>(std::vector<float>{1, -2, 0.5f, 4, 5, 6}, {2, 3});
  content.tensors["a_byte"] = Tensor::of<uint8_t>(std::vector<uint8_t>{9}, {1});
  content.tensors["step"] = Tensor::of<int64_t>(std::vector<int64_t>{-7}, {});
  content.tensors["empty"] = Tensor::of<double>({}, {0, 4});
  return content;
}

// The message of the error that parsing throws, "" where it throws none.
std::string refusal(const Bytes& file) {
  try {
    parse_safetensors(file, "x.safetensors");
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::kUsage);
    return error.what();
  }
  return "";
}

TEST(SafeTensors, RoundTripKeepsMetadataAndTensors) {
  const SafeTensors content = sample();
  const SafeTensors read = parse_safetensors(serialize(content), "x");
  EXPECT_EQ(read.metadata, content.metadata);
  EXPECT_EQ(read.tensors, content.tensors);
  EXPECT_EQ(read.at("weight").as<float>()[3], 4);
  EXPECT_EQ(read.at("step").as<int64_t>()[0], -7);
}

TEST(SafeTensors, DataStartsAtAMultipleOfEightWithTheWidestElementsFirst) {
  const Bytes file = serialize(sample());
  uint64_t length = 0;
  std::memcpy(&length, file.data(), 8);
  EXPECT_EQ(length % 8, 0u);
  int64_t step = 0;
  std::memcpy(&step, file.data() + 8 + length, 8);
  EXPECT_EQ(step, -7);
  EXPECT_EQ(file.back(), 9);  // the only byte-wide tensor
}

TEST(SafeTensors, ReadsWhatThePythonLibraryWrites) {
  // safetensors 0.4: save({"b": int8 [1, 2], "a": float32 2.0}, {"k": "v"})
  Bytes file = make_file(R"({"__metadata__":{"k":"v"},"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]},)"
                         R"("b":{"dtype":"I8","shape":[2],"data_offsets":[4,6]}}   )",
                         0);
  for (int byte : {0, 0, 0, 0x40, 1, 2}) file.push_back(static_cast<uint8_t>(byte));
  const SafeTensors read = parse_safetensors(file, "x");
  EXPECT_EQ(read.metadata.at("k"), "v");
  EXPECT_EQ(read.at("a").as<float>()[0], 2.0f);
  EXPECT_EQ(read.at("b").as<int8_t>()[1], 2);
}

TEST(SafeTensors, EveryTruncationIsRefused) {
  const Bytes file = serialize(sample());
  for (size_t size = 0; size < file.size(); ++size)
    EXPECT_NE(refusal(Bytes(file.begin(), file.begin() + size)), "") << "cut to " << size;
}

TEST(SafeTensors, AnyFlippedBitIsRefusedOrHarmless) {
  const Bytes file = serialize(sample());
  for (size_t bit = 0; bit < file.size() * 8; ++bit) {
    Bytes damaged = file;
    damaged[bit / 8] ^= static_cast<uint8_t>(1 << (bit % 8));
    refusal(damaged);  // an Error or a value: no crash, no other exception
  }
}

struct BadFile {
  const char* name;
  const char* header;
  size_t data_bytes;
  const char* expected;  // in the message
};
std::ostream& operator<<(std::ostream& out, const BadFile& bad) { return out << bad.name; }

class SafeTensorsRefusal : public testing::TestWithParam<BadFile> {};

TEST_P(SafeTensorsRefusal, NamesTheFileAndTheFault) {
  const std::string message = refusal(make_file(GetParam().header, GetParam().data_bytes));
  EXPECT_TRUE(message.starts_with("x.safetensors: ")) << message;
  EXPECT_NE(message.find(GetParam().expected), std::string::npos) << message;
  EXPECT_EQ(message.find('\n'), std::string::npos) << message;
}

const BadFile kBadFiles[] = {
    {"NotAnObject", R"([1])", 0, "offset 8"},
    {"NotJson", R"({"a":)", 0, "offset 14: the header is not JSON"},
    {"NotUtf8", "{\"\xff\":1}", 0, "not JSON"},
    {"TooDeep", R"({"a":{"shape":[[1]]}})", 0, "nested too deeply"},
    {"TensorTwice",
     R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})",
     1, "\"a\" twice"},
    {"FieldTwice", R"({"a":{"dtype":"U8","dtype":"I8","shape":[1],"data_offsets":[0,1]}})", 1,
     "\"dtype\" twice"},
    {"MetadataNotText", R"({"__metadata__":{"k":1}})", 0, "\"k\" is not a string"},
    {"MetadataNotAnObject", R"({"__metadata__":[]})", 0, "not an object"},
    {"TensorNotAnObject", R"({"a":7})", 0, "tensor \"a\""},
    {"MissingField", R"({"a":{"dtype":"U8","shape":[1]}})", 1, "tensor \"a\""},
    {"ExtraField", R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1],"x":1}})", 1, "nothing else"},
    {"UnknownType", R"({"a":{"dtype":"F7","shape":[1],"data_offsets":[0,1]}})", 1, "dtype"},
    {"TypeNotText", R"({"a":{"dtype":3,"shape":[1],"data_offsets":[0,1]}})", 1, "dtype"},
    {"NegativeSize", R"({"a":{"dtype":"U8","shape":[-1],"data_offsets":[0,1]}})", 1, "shape"},
    {"FractionalSize", R"({"a":{"dtype":"U8","shape":[1.0],"data_offsets":[0,1]}})", 1, "shape"},
    {"HugeSize", R"({"a":{"dtype":"U8","shape":[18446744073709551615],"data_offsets":[0,1]}})", 1, "shape"},
    {"NumberBeyondDouble", R"({"a":{"dtype":"U8","shape":[1e999],"data_offsets":[0,1]}})", 1,
     "number too large"},
    {"OverflowingShape", R"({"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}})", 0,
     "do not fit"},
    {"OneOffset", R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0]}})", 1, "data_offsets"},
    {"BackwardOffsets", R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[1,0]}})", 1, "data_offsets"},
    {"ShapeUnlikeOffsets", R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}})", 4, "do not fit F32"},
    {"BeyondTheEnd", R"({"a":{"dtype":"U8","shape":[9],"data_offsets":[0,9]}})", 8, "in a file of"},
    {"HoleAtTheStart", R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}})", 2, "hole"},
    {"Overlap",
     R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}})",
     3, "tensor \"b\": data at offset"},
    {"BytesLeftOver", R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})", 3, "belong to no tensor"},
    {"NewlineInAName", R"({"a\nb":7})", 0, "a\\nb"},
};

INSTANTIATE_TEST_SUITE_P(Cases, SafeTensorsRefusal, testing::ValuesIn(kBadFiles),
                         [](const auto& info) { return info.param.name; });

TEST(SafeTensors, AnAbsurdHeaderLengthIsRefused) {
  for (uint64_t length : {uint64_t{1} << 40, UINT64_MAX, UINT64_MAX - 7, uint64_t{3}}) {
    Bytes file(8 + 2, '{');
    std::memcpy(file.data(), &length, 8);
    EXPECT_NE(refusal(file).find("offset 0"), std::string::npos) << length;
  }
}

TEST(SafeTensors, AMillionBracketsAreRefusedAtTheThird) {
  EXPECT_NE(refusal(make_file("{\"a\":" + std::string(1'000'000, '['), 0)).find("nested"), std::string::npos);
}

TEST(SafeTensors, AMillionTensorsWithoutFieldsAreRefusedInLinearTime) {
  std::string header = "{\"a\":{}";
  for (int i = 0; i < 1'000'000; ++i) header += ",\"" + std::to_string(i) + "\":{}";
  EXPECT_NE(refusal(make_file(header + "}", 0)).find("dtype, shape"), std::string::npos);
}

TEST(SafeTensors, ReadingAsAnotherTypeIsRefused) {
  EXPECT_THROW(sample().at("weight").as<double>(), Error);
  EXPECT_THROW(sample().at("weight").as<int32_t>(), Error);
  const Tensor bf16{DType::kBF16, {1}, {0x80, 0x3f}};
  EXPECT_EQ(bf16.as<uint16_t>()[0], 0x3f80);
}

TEST(SafeTensors, AMissingOrDifferentTensorNamesFileAndTensor) {
  SafeTensors content = sample();
  content.origin = "runs/a/best.safetensors";
  EXPECT_EQ(&content.at("weight", DType::kF32, {2, 3}), &content.tensors["weight"]);
  try {
    content.at("weigth");
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "runs/a/best.safetensors: tensor \"weigth\" is missing");
    EXPECT_NE(error.hint().find("weight"), std::string::npos);
  }
  try {
    content.at("weight", DType::kF32, {3, 3});
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "runs/a/best.safetensors: tensor \"weight\" is F32 [2, 3], F32 [3, 3] expected");
  }
}

TEST(SafeTensors, TextThatIsNotUtf8IsRefusedWhenSaved) {
  SafeTensors content = sample();
  content.metadata["classes"] = "\xff";
  EXPECT_THROW(serialize(content), Error);
}

TEST(SafeTensors, SavedFileLoadsAndNamesItselfInErrors) {
  const auto path = std::filesystem::path(testing::TempDir()) / "dsode_safetensors_test.safetensors";
  save_safetensors(path, sample());
  EXPECT_EQ(load_safetensors(path).tensors, sample().tensors);
  EXPECT_EQ(load_safetensors(path).origin, path.string());
  std::ofstream(path, std::ios::app) << "more";
  EXPECT_THROW(load_safetensors(path), Error);
  std::filesystem::remove(path);
  EXPECT_THROW(load_safetensors(path), Error);
}

}  // namespace
}  // namespace dsode::ir
