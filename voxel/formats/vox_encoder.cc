#include "voxel/formats/vox_encoder.h"

#include <utility>

#include "voxel/base/status_macros.h"
#include "voxel/formats/little_endian.h"
#include "voxel/formats/vox_chunk.h"

namespace voxel {
namespace {

constexpr size_t kMainOffset = kVoxHeaderBytes;
constexpr uint32_t kReservedId = 0xFFFFFFFF;

void Patch(std::string& out, size_t offset, size_t value) {
  for (size_t i = 0; i < 4; ++i) out[offset + i] = static_cast<char>(value >> (8 * i) & 255);
}

}  // namespace

VoxEncoder::VoxEncoder(int version, int64_t expected_bytes) {
  out_.reserve(static_cast<size_t>(expected_bytes));
  out_ += kVoxMagic;
  AppendUint32(out_, static_cast<uint32_t>(version));
  Begin("MAIN");
}

// Appends a chunk's header and returns where the chunk starts.
size_t VoxEncoder::Begin(std::string_view id) {
  const size_t start = out_.size();
  out_ += id;
  AppendUint32(out_, 0);
  AppendUint32(out_, 0);
  return start;
}

void VoxEncoder::End(size_t start) {
  Patch(out_, start + 4, out_.size() - start - kVoxChunkHeaderBytes);
}

void VoxEncoder::AddString(std::string_view text) {
  AppendUint32(out_, static_cast<uint32_t>(text.size()));
  out_ += text;
}

void VoxEncoder::AddDictionary(const Attributes& attributes) {
  AppendUint32(out_, static_cast<uint32_t>(attributes.size()));
  for (const auto& [key, value] : attributes) {
    AddString(key);
    AddString(value);
  }
}

absl::Status VoxEncoder::AddModel(const VoxModelSource& model, const VoxColorTable& colors,
                                  const TaskContext& context) {
  const size_t size = Begin("SIZE");
  for (int axis = 0; axis < 3; ++axis)
    AppendUint32(out_, static_cast<uint32_t>(model.box.Size(axis)));
  End(size);
  const size_t voxels = Begin("XYZI");
  VOXEL_RETURN_IF_ERROR(AppendVoxModel(model, colors, context, out_));
  End(voxels);
  return absl::OkStatus();
}

void VoxEncoder::AddNode(int32_t id, const SceneNode& node) {
  using Kind = SceneNode::Kind;
  const size_t start = Begin(node.kind == Kind::kTransform ? "nTRN"
                             : node.kind == Kind::kGroup   ? "nGRP"
                                                           : "nSHP");
  AppendUint32(out_, static_cast<uint32_t>(id));
  AddDictionary(node.attributes);
  switch (node.kind) {
    case Kind::kTransform:
      AppendUint32(out_, static_cast<uint32_t>(node.children[0]));
      AppendUint32(out_, kReservedId);
      AppendUint32(out_, static_cast<uint32_t>(node.layer));
      AppendUint32(out_, static_cast<uint32_t>(node.frames.size()));
      for (const Attributes& frame : node.frames) AddDictionary(frame);
      break;
    case Kind::kGroup:
      AppendUint32(out_, static_cast<uint32_t>(node.children.size()));
      for (const int32_t child : node.children) AppendUint32(out_, static_cast<uint32_t>(child));
      break;
    case Kind::kShape:
      AppendUint32(out_, static_cast<uint32_t>(node.models.size()));
      for (size_t i = 0; i < node.models.size(); ++i) {
        AppendUint32(out_, static_cast<uint32_t>(node.models[i]));
        AddDictionary(node.frames[i]);
      }
      break;
  }
  End(start);
}

void VoxEncoder::AddColors(const std::vector<PaletteEntry>& entries) {
  const size_t start = Begin("RGBA");
  for (const PaletteEntry& entry : entries) AppendUint32(out_, __builtin_bswap32(entry.color));
  End(start);
}

void VoxEncoder::AddMaterial(int entry, const PaletteEntry& material) {
  const size_t start = Begin("MATL");
  AppendUint32(out_, static_cast<uint32_t>(entry + 1));
  const auto& properties = material.material.properties;
  AddDictionary(Attributes(properties.begin(), properties.end()));
  End(start);
}

void VoxEncoder::AddRecord(const VoxRecord& record) {
  const size_t start = Begin(record.id);
  if (record.id == "rCAM") AppendUint32(out_, static_cast<uint32_t>(record.number));
  AddDictionary(record.attributes);
  End(start);
}

void VoxEncoder::AddChunk(std::string_view id, std::string_view content) {
  const size_t start = Begin(id);
  out_ += content;
  End(start);
}

std::string VoxEncoder::Finish() {
  Patch(out_, kMainOffset + 8, out_.size() - kMainOffset - kVoxChunkHeaderBytes);
  return std::exchange(out_, {});
}

}  // namespace voxel
