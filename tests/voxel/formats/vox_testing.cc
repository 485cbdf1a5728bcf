#include "tests/voxel/formats/vox_testing.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "absl/strings/str_format.h"
#include "tests/voxel/formats/sha256.h"
#include "voxel/base/str_cat.h"
#include "voxel/formats/builtin_formats.h"
#include "voxel/formats/little_endian.h"
#include "voxel/grid/volume_editor.h"

namespace voxel {
namespace {

std::optional<std::string> FileContent(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  std::ostringstream content;
  content << file.rdbuf();
  return content.str();
}

}  // namespace

std::string TestFile(std::string_view name) {
  const std::string path = StrCat(VOXELD_TEST_DATA, "/vox/", name);
  std::optional<std::string> content = FileContent(path);
  EXPECT_TRUE(content.has_value()) << path;
  return content.value_or("");
}

std::optional<std::string> SampleFile(std::string_view name) {
  const char* folder = std::getenv("VOXELD_SAMPLES");
  const std::string samples =
      folder != nullptr ? folder : StrCat(VOXELD_TEST_DATA, "/../../../shared/samples");
  return FileContent(StrCat(samples, "/", name));
}

std::string VoxFileBuilder::Int(uint32_t value) {
  std::string out;
  AppendUint32(out, value);
  return out;
}

std::string VoxFileBuilder::Text(std::string_view text) {
  return Int(static_cast<uint32_t>(text.size())) + std::string(text);
}

std::string VoxFileBuilder::Dictionary(const Attributes& attributes) {
  std::string out = Int(static_cast<uint32_t>(attributes.size()));
  for (const auto& [key, value] : attributes) out += Text(key) + Text(value);
  return out;
}

VoxFileBuilder& VoxFileBuilder::Chunk(std::string_view id, std::string_view content) {
  chunks_ +=
      std::string(id) + Int(static_cast<uint32_t>(content.size())) + Int(0) + std::string(content);
  return *this;
}

VoxFileBuilder& VoxFileBuilder::Model(Coord size, const std::vector<Voxel>& voxels) {
  std::string sides;
  for (int axis = 0; axis < 3; ++axis) sides += Int(static_cast<uint32_t>(size[axis]));
  Chunk("SIZE", sides);
  std::string content = Int(static_cast<uint32_t>(voxels.size()));
  for (const Voxel& voxel : voxels) {
    for (const uint8_t byte : voxel) content += static_cast<char>(byte);
  }
  return Chunk("XYZI", content);
}

VoxFileBuilder& VoxFileBuilder::Transform(int id, int child, const Attributes& attributes,
                                          const Attributes& frame, int layer) {
  return Chunk("nTRN", Int(static_cast<uint32_t>(id)) + Dictionary(attributes) +
                           Int(static_cast<uint32_t>(child)) + Int(0xFFFFFFFF) +
                           Int(static_cast<uint32_t>(layer)) + Int(1) + Dictionary(frame));
}

VoxFileBuilder& VoxFileBuilder::Group(int id, const std::vector<int>& children) {
  std::string content =
      Int(static_cast<uint32_t>(id)) + Int(0) + Int(static_cast<uint32_t>(children.size()));
  for (const int child : children) content += Int(static_cast<uint32_t>(child));
  return Chunk("nGRP", content);
}

VoxFileBuilder& VoxFileBuilder::Shape(int id, int model) {
  return Chunk("nSHP", Int(static_cast<uint32_t>(id)) + Int(0) + Int(1) +
                           Int(static_cast<uint32_t>(model)) + Int(0));
}

VoxFileBuilder& VoxFileBuilder::Layer(int id, const Attributes& attributes) {
  return Chunk("LAYR", Int(static_cast<uint32_t>(id)) + Dictionary(attributes) + Int(0xFFFFFFFF));
}

VoxFileBuilder& VoxFileBuilder::Colors(const std::vector<uint32_t>& rgba) {
  std::string content;
  for (uint32_t i = 0; i < 256; ++i) {
    content += Int(__builtin_bswap32(i < rgba.size() ? rgba[i] : Rgba(i, i, i)));
  }
  return Chunk("RGBA", content);
}

std::string VoxFileBuilder::Build() const {
  return "VOX " + Int(150) + "MAIN" + Int(0) + Int(static_cast<uint32_t>(chunks_.size())) + chunks_;
}

ImportedFile MustRead(std::string_view bytes) {
  absl::StatusOr<ImportedFile> file = MakeVoxFormat()->Read(bytes, {}, {});
  EXPECT_TRUE(file.ok()) << file.status();
  if (file.ok()) return *std::move(file);
  return {RefPtr<const Document>::Adopt(MakeRef<Document>().release()), {}};
}

ExportResult MustWrite(const Document& document) {
  absl::StatusOr<ExportResult> result = MakeVoxFormat()->Write(document, {}, {});
  EXPECT_TRUE(result.ok()) << result.status();
  return result.ok() ? *std::move(result) : ExportResult{{{"", ""}}, {}};
}

std::string Bytes(const Document& document) { return MustWrite(document).files[0].data; }

std::vector<WorldVoxel> WorldVoxels(const Document& document, bool visible_only) {
  std::vector<WorldVoxel> voxels;
  for (const auto& layer : document.layers) {
    if (visible_only && !layer->visible) continue;
    layer->volume.ForEachCell(kWorld, [&](const Cell& cell) {
      for (int32_t x = cell.min.x; x < cell.box().max.x; ++x) {
        for (int32_t y = cell.min.y; y < cell.box().max.y; ++y) {
          for (int32_t z = cell.min.z; z < cell.box().max.z; ++z) {
            const Color color = cell.brick == nullptr
                                    ? cell.color
                                    : BrickGet(cell.brick, BrickIndex(x & 15, y & 15, z & 15));
            if (color != kAir) voxels.push_back({layer->transform.Apply(Coord{x, y, z}), color});
          }
        }
      }
      return true;
    });
  }
  std::sort(voxels.begin(), voxels.end());
  return voxels;
}

std::string WorldHash(const Document& document) {
  std::string text;
  for (const WorldVoxel& voxel : WorldVoxels(document, /*visible_only=*/true)) {
    absl::StrAppendFormat(&text, "%d,%d,%d,%06x\n", voxel.at.x, voxel.at.y, voxel.at.z,
                          voxel.color >> 8);
  }
  return Sha256Hex(text);
}

void ExpectSame(const Document& a, const Document& b) {
  ASSERT_EQ(a.layers.size(), b.layers.size());
  for (size_t i = 0; i < a.layers.size(); ++i) {
    const voxel::Layer& x = *a.layers[i];
    const voxel::Layer& y = *b.layers[i];
    SCOPED_TRACE(StrCat("layer ", i, " ", x.id));
    EXPECT_EQ(x.id, y.id);
    EXPECT_EQ(x.title, y.title);
    EXPECT_EQ(x.group, y.group);
    EXPECT_EQ(x.visible, y.visible);
    EXPECT_EQ(x.linked_to, y.linked_to);
    EXPECT_EQ(x.transform, y.transform);
    EXPECT_EQ(x.volume.ContentHash(), y.volume.ContentHash());
  }
  ASSERT_EQ(a.palette->entries.size(), b.palette->entries.size());
  for (size_t i = 0; i < a.palette->entries.size(); ++i)
    EXPECT_EQ(a.palette->entries[i], b.palette->entries[i]) << i;
  ASSERT_EQ(static_cast<bool>(a.stage), static_cast<bool>(b.stage));
  if (a.stage) {
    EXPECT_EQ(*a.stage, *b.stage);
  }
  EXPECT_EQ(a.scene->models.size(), b.scene->models.size());
  EXPECT_EQ(a.scene->chunks.size(), b.scene->chunks.size());
}

RefPtr<Document> Copy(const Document& document) { return MakeRef<Document>(document); }

RefPtr<voxel::Layer> CopyLayer(const Document& document, int index) {
  return MakeRef<voxel::Layer>(*document.layers[static_cast<size_t>(index)]);
}

void PutLayer(Document& document, int index, RefPtr<voxel::Layer> layer) {
  document.ReplaceLayer(index, RefPtr<const voxel::Layer>::Adopt(layer.release()));
}

RefPtr<const voxel::Layer> NewLayer(std::string id, const std::vector<WorldVoxel>& voxels) {
  RefPtr<voxel::Layer> layer = MakeRef<voxel::Layer>();
  layer->id = std::move(id);
  VolumeEditor editor{Volume()};
  for (const WorldVoxel& voxel : voxels) editor.Set(voxel.at, voxel.color);
  layer->volume = editor.Commit();
  return RefPtr<const voxel::Layer>::Adopt(layer.release());
}

}  // namespace voxel
