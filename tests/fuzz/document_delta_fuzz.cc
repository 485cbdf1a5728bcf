// Any bytes as the change of a document: refused or read within bounds; what was read can be
// written, and reads back as the same document. The first byte chooses between a frame as it stands
// and bytes that get a frame with a checksum that fits.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "daemon/codec/document_delta.h"
#include "daemon/codec/frame.h"
#include "voxel/base/check.h"

namespace {

using voxel::Document;
using voxel::RefPtr;

RefPtr<const Document> Blank() {
  auto layer = voxel::MakeRef<voxel::Layer>();
  layer->id = "main";
  auto document = voxel::MakeRef<Document>();
  document->layers.emplace_back(std::move(layer));
  return RefPtr<const Document>(std::move(document));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0 || size > voxeld::kMaxFrameBytes) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::string frame = data[0] == 0 ? std::string(bytes) : voxeld::SealFrame(bytes, 0);
  voxeld::DeltaReader reader(Blank(),
                             {.max_new_bytes = int64_t{64} << 20, .max_head_bytes = 1 << 20});
  std::string own;
  if (!reader.Add(frame).ok() || !reader.End(own).ok()) return 0;
  const RefPtr<const Document> read = reader.Take();
  voxeld::DeltaReader again(voxel::MakeRef<Document>(), {});
  voxeld::WriteDelta(Document(), *read, own, 0, nullptr, [&](std::string written) {
    VOXEL_CHECK(again.Add(written).ok());
    return true;
  });
  std::string same;
  VOXEL_CHECK(again.End(same).ok() && same == own);
  VOXEL_CHECK(again.Take()->ContentHash() == read->ContentHash());
  return 0;
}
