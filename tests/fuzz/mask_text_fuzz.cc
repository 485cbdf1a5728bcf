// Any text as a mask and as a pattern: refused at a column that lies in it, or read as something
// that can be compiled and asked for a brick.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "voxel/base/check.h"
#include "voxel/base/error.h"
#include "voxel/ops/layer_space.h"
#include "voxel/ops/mask_kernel.h"
#include "voxel/ops/mask_text.h"
#include "voxel/ops/pattern_kernel.h"
#include "voxel/ops/pattern_text.h"

namespace {

// Names of an even length are colours.
absl::StatusOr<voxel::Color> ColorOf(std::string_view name) {
  if (name.size() % 2 == 0) return static_cast<voxel::Color>(name.size() << 8 | 255);
  return voxel::Error(voxel::Reason::INVALID_COLOR, "no such colour");
}

void CheckRefused(const absl::Status& status, std::string_view text, std::string_view reason) {
  VOXEL_CHECK(voxel::ReasonOf(status) == reason);
  std::string column;
  voxel::ForEachFact(
      status,
      [](void* out, std::string_view key, std::string_view value) {
        if (key == "column") *static_cast<std::string*>(out) = value;
      },
      &column);
  if (column.empty()) return;  // about the text as a whole
  VOXEL_CHECK(std::stoull(column) >= 1 && std::stoull(column) <= text.size() + 1);
}

// Every layer is empty; selections of an even length are all of the world.
class Nothing final : public voxel::MaskScene {
 public:
  explicit Nothing(const voxel::LayerSpace& space) : MaskScene(voxel::Volume(), space) {}
  absl::StatusOr<voxel::Volume> Layer(const std::string&) override { return voxel::Volume(); }
  absl::StatusOr<voxel::VoxelSet> Selection(const std::string& id) override {
    return voxel::VoxelSet{voxel::Volume(), id.size() % 2 == 0};
  }
};

void CheckMaskText(std::string_view text) {
  const auto mask = voxel::ParseMask(text, ColorOf);
  if (!mask.ok()) return CheckRefused(mask.status(), text, "INVALID_MASK");
  VOXEL_CHECK(voxel::CheckMask(*mask).ok());
  const voxel::LayerSpace space{voxel::Transform()};
  Nothing scene(space);
  const auto kernel = voxel::CompileMask(*mask, scene);
  VOXEL_CHECK(kernel.ok());
  voxel::BrickMask by_fill;
  (*kernel)->Fill({0, 0, -16}, by_fill);
  voxel::BrickMask by_class;
  FillBrick(**kernel, {0, 0, -16}, by_class);
  VOXEL_CHECK(by_fill == by_class);
}

void CheckPatternText(std::string_view text) {
  const auto pattern = voxel::ParsePattern(text, ColorOf);
  if (!pattern.ok()) return CheckRefused(pattern.status(), text, "INVALID_COLOR");
  VOXEL_CHECK(voxel::CheckPattern(*pattern).ok());
  const voxel::PatternKernel kernel(*pattern, {});
  voxel::DenseBrick colors;
  kernel.Paint({-16, 0, 16}, colors);
  VOXEL_CHECK(colors[0] == kernel.At(-16, 0, 16));
  VOXEL_CHECK(colors[voxel::kBrickVoxels - 1] == kernel.At(-1, 15, 31));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  CheckMaskText(text);
  CheckPatternText(text);
  return 0;
}
