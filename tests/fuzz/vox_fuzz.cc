// Any bytes as a MagicaVoxel file: refused or read within bounds; what was read can be written, and
// reads back as the same document, from which the same bytes are written.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "voxel/base/check.h"
#include "voxel/formats/builtin_formats.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::unique_ptr<voxel::Format> format = voxel::MakeVoxFormat();
  const voxel::ImportLimits limits{.max_voxels = 1 << 20, .max_layers = 256};
  const auto first = format->Read(bytes, limits, {});
  if (!first.ok()) return 0;
  const auto written = format->Write(*first->document, {}, {});
  VOXEL_CHECK(written.ok());
  const auto second = format->Read(written->files[0].data, limits, {});
  VOXEL_CHECK(second.ok());
  VOXEL_CHECK(second->document->ContentHash() == first->document->ContentHash());
  const auto again = format->Write(*second->document, {}, {});
  VOXEL_CHECK(again.ok());
  VOXEL_CHECK(again->files[0].data == written->files[0].data);
  return 0;
}
