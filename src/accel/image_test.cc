// The folder that compile writes: what is read back, and what is refused.
#include "accel/image.h"

#include "accel/config_package.h"
#include "accel/protocol_fixture.h"

namespace dsode::accel {
namespace {

const Case& model() {
  static const Case made = find_case(load_target("grid-4x4x1"), 60, 400);
  return made;
}

class ImageFolder : public ::testing::Test {
 protected:
  ImageFolder() {
    std::filesystem::create_directories(folder());
    save_image(folder(), {model().model, model().program, model().packet});
  }
  std::filesystem::path folder() const { return dir_.path() / "image"; }
  std::string error() const {
    return error_of([&] { load_image(folder()); });
  }
  // The error when one text in config.json is another.
  std::string changed_config(const std::string& from, const std::string& to) const {
    const std::string before = read_text(folder() / "config.json");
    std::string text = before;
    const size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    text.replace(at, from.size(), to);
    write_file(folder() / "config.json", text);
    std::string found = error();
    write_file(folder() / "config.json", before);
    return found;
  }

 private:
  TempDir dir_;
};

TEST_F(ImageFolder, IsReadBackAsItWas) {
  const Image image = load_image(folder());
  EXPECT_EQ(image.packet, model().packet);
  EXPECT_EQ(image.program.target.name, "grid-4x4x1");
  EXPECT_EQ(ir::serialize(ir::integer::to_file(image.graph)),
            ir::serialize(ir::integer::to_file(model().model)));
  EXPECT_EQ(read_text(folder() / "dsode_cfg_pkg.sv"), config_package(model().program.target));
}

TEST_F(ImageFolder, IsRefusedByTheFileThatIsMissing) {
  for (const char* name : {"config.json", "model.bin", "model.safetensors"}) {
    const auto bytes = read_file(folder() / name);
    std::filesystem::remove(folder() / name);
    EXPECT_TRUE(says(error(), folder().string(), name));
    write_file(folder() / name, bytes);
  }
  load_image(folder());
}

TEST_F(ImageFolder, IsRefusedByTheFileThatIsDamaged) {
  for (const char* name : {"model.bin", "model.safetensors"}) {
    const auto bytes = read_file(folder() / name);
    for (const size_t at : {size_t{0}, bytes.size() / 2, bytes.size() - 1}) {
      auto damaged = bytes;
      damaged[at] ^= 4;
      write_file(folder() / name, damaged);
      // A weight that is another one may still be a model: then the packet is not of it.
      EXPECT_TRUE(says(error(), folder().string(), at == 0 ? name : "model.")) << name << " " << at;
    }
    write_file(folder() / name, std::span(bytes).first(bytes.size() - 4));
    EXPECT_TRUE(says(error(), folder().string(), name));
    write_file(folder() / name, bytes);
  }
}

TEST_F(ImageFolder, IsRefusedByTheFieldOfItsConfiguration) {
  EXPECT_TRUE(says(changed_config("{", "["), "config.json"));
  EXPECT_TRUE(says(changed_config("\"dsodenet-accel/1\"", "\"dsodenet-accel/9\""), "config.json: format"));
  EXPECT_TRUE(says(changed_config("\"dsodenet-accel/1\"", "3"), "config.json: format"));
  EXPECT_TRUE(says(changed_config("\"target\": \"grid-4x4x1\"", "\"target\": 4"), "config.json: target"));
  EXPECT_TRUE(says(changed_config("\"target\": \"", "\"target\": \"../"), "config.json: target"));
  EXPECT_TRUE(says(changed_config("\"parameters\": {", "\"parameters\": 1, \"others\": {"),
                   "config.json: parameters"));
  EXPECT_TRUE(says(changed_config("\"pk\": 4", "\"pk\": 5"), "config.json: pk = 5"));
  EXPECT_TRUE(says(changed_config("\"pk\": 4", "\"pk\": \"four\""), "config.json: pk"));
  EXPECT_TRUE(says(changed_config("\"pk\": 4", "\"pq\": 4"), "config.json: pq"));
  EXPECT_TRUE(says(changed_config("\"pk\": 4", "\"pk\": 4, \"pk\": 4"), "config.json", "pk"));
  EXPECT_TRUE(
      says(changed_config("\"pk\": 4", "\"pk\": " + std::string(100'000, '[')), "config.json", "deep"));
  EXPECT_TRUE(says(changed_config("\"pk\": 4,", ""), "config.json: fingerprint"));
  EXPECT_TRUE(says(changed_config("\"clock_mhz\": 100,", ""), "config.json: is not what"));
  EXPECT_TRUE(says(changed_config("\"groups_in\"", "\"groups\""), "config.json: is not what"));
  EXPECT_TRUE(
      says(changed_config("\"state_words\": 4096", "\"state_words\": 4095"), "config.json: fingerprint"));
}

}  // namespace
}  // namespace dsode::accel
