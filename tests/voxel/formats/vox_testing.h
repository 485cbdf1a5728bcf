// A small language for tests of MagicaVoxel files: files from disk, files built chunk by chunk,
// documents compared.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include "voxel/formats/format.h"
#include "voxel/grid/document.h"

namespace voxel {

// Whether a sanitizer watches, which takes time and memory of its own.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kSanitized = true;
#elif defined(__has_feature)
inline constexpr bool kSanitized =
    __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
inline constexpr bool kSanitized = false;
#endif

std::string TestFile(std::string_view name);  // below tests/data/vox
std::optional<std::string> SampleFile(
    std::string_view name);  // of the sample collection; nullopt where there is none

// Builds a file. Chunks come in the order of the calls.
class VoxFileBuilder {
 public:
  using Voxel = std::array<uint8_t, 4>;  // x, y, z, colour index

  VoxFileBuilder& Chunk(std::string_view id, std::string_view content);
  VoxFileBuilder& Model(Coord size, const std::vector<Voxel>& voxels);
  VoxFileBuilder& Transform(int id, int child, const Attributes& attributes = {},
                            const Attributes& frame = {}, int layer = -1);
  VoxFileBuilder& Group(int id, const std::vector<int>& children);
  VoxFileBuilder& Shape(int id, int model);
  VoxFileBuilder& Layer(int id, const Attributes& attributes);
  VoxFileBuilder& Colors(
      const std::vector<uint32_t>& rgba);  // padded to 256 with opaque greys that differ
  std::string Build() const;

  static std::string Int(uint32_t value);
  static std::string Text(std::string_view text);
  static std::string Dictionary(const Attributes& attributes);

 private:
  std::string chunks_;
};

// Both fail the test if the status is not OK, and return something empty then.
ImportedFile MustRead(std::string_view bytes);
ExportResult MustWrite(const Document& document);
// The .vox bytes of MustWrite.
std::string Bytes(const Document& document);

struct WorldVoxel {
  Coord at;
  Color color;
  friend auto operator<=>(const WorldVoxel&, const WorldVoxel&) = default;
};
// The voxels of all layers in the world, sorted; a place counts once for each layer that has a
// voxel there.
std::vector<WorldVoxel> WorldVoxels(const Document& document, bool visible_only);
// The hash of samples/made/oracle.json: "x,y,z,rrggbb\n" for each visible voxel in order.
std::string WorldHash(const Document& document);

// Compares all that a round trip keeps.
void ExpectSame(const Document& a, const Document& b);

// A copy that may be changed.
RefPtr<Document> Copy(const Document& document);
RefPtr<voxel::Layer> CopyLayer(const Document& document, int index);
void PutLayer(Document& document, int index, RefPtr<voxel::Layer> layer);
// A layer with these voxels, for appending.
RefPtr<const voxel::Layer> NewLayer(std::string id, const std::vector<WorldVoxel>& voxels);

}  // namespace voxel
