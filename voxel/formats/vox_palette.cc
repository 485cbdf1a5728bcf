#include "voxel/formats/vox_palette.h"

#include <algorithm>
#include <array>
#include <bit>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_format.h"
#include "voxel/base/status_macros.h"
#include "voxel/base/str_cat.h"
#include "voxel/formats/layer_names.h"
#include "voxel/formats/little_endian.h"
#include "voxel/formats/vox_cursor.h"

namespace voxel {
namespace {

constexpr int kRowColors = 8;  // colours that share one NOTE
constexpr std::string_view kUnnamedRow =
    "NOTE";  // what MagicaVoxel writes for a row that nobody named

// RGBA: 256 colours of 4 bytes. Shorter ones exist (Teardown); what is missing keeps its default.
absl::Status ReadColors(const VoxChunk& chunk, std::vector<PaletteEntry>& entries) {
  if (chunk.content.size() % 4 != 0 || chunk.content.size() > 4 * kVoxPaletteEntries) {
    return VoxCorrupt(
        chunk.id, chunk.offset,
        StrCat(chunk.content.size(), " bytes are not at most 256 colours of 4 bytes"));
  }
  for (size_t i = 0; i < chunk.content.size() / 4; ++i) {
    const uint32_t abgr = LoadUint32(chunk.content, 4 * i);
    entries[i].color = __builtin_bswap32(abgr);
  }
  return absl::OkStatus();
}

// The entry of a material's colour index: 1..256, where some versions write 0 for 256.
absl::StatusOr<size_t> MaterialEntry(VoxCursor& cursor, const VoxChunk& chunk) {
  VOXEL_ASSIGN_OR_RETURN(const uint32_t id, cursor.Uint32("material id"));
  if (id > kVoxPaletteEntries) {
    return VoxCorrupt(chunk.id, chunk.offset, StrCat("material id ", id, " is outside [0, 256]"));
  }
  return (id + 255) % kVoxPaletteEntries;
}

absl::Status ReadMaterial(const VoxChunk& chunk,
                          std::array<Material, kVoxPaletteEntries>& materials) {
  VoxCursor cursor(chunk);
  VOXEL_ASSIGN_OR_RETURN(const size_t entry, MaterialEntry(cursor, chunk));
  VOXEL_ASSIGN_OR_RETURN(const Attributes attributes, cursor.Dictionary("properties"));
  for (const auto& [key, value] : attributes) {
    materials[entry].properties[CleanUtf8(key)] = CleanUtf8(value);
  }
  return absl::OkStatus();
}

std::string FloatText(uint32_t bits) { return absl::StrFormat("%.6g", std::bit_cast<float>(bits)); }

// MATT, the materials of versions before 0.99: id, type, weight, a bit per property, the properties
// that have one.
absl::Status ReadOldMaterial(const VoxChunk& chunk,
                             std::array<Material, kVoxPaletteEntries>& materials) {
  static constexpr std::array<const char*, 4> kTypes = {"_diffuse", "_metal", "_glass", "_emit"};
  static constexpr std::array<const char*, 7> kProperties = {"_plastic", "_rough", "_spec", "_ior",
                                                             "_att",     "_flux",  "_glow"};
  VoxCursor cursor(chunk);
  VOXEL_ASSIGN_OR_RETURN(const size_t entry, MaterialEntry(cursor, chunk));
  VOXEL_ASSIGN_OR_RETURN(const uint32_t type, cursor.Uint32("material type"));
  VOXEL_ASSIGN_OR_RETURN(const uint32_t weight, cursor.Uint32("material weight"));
  VOXEL_ASSIGN_OR_RETURN(const uint32_t properties, cursor.Uint32("property bits"));
  if (type >= kTypes.size()) {
    return VoxCorrupt(chunk.id, chunk.offset, StrCat("material type ", type, " is outside [0, 3]"));
  }
  std::map<std::string, std::string>& material = materials[entry].properties;
  material["_type"] = kTypes[type];
  material["_weight"] = FloatText(weight);
  for (size_t bit = 0; bit < kProperties.size(); ++bit) {
    if ((properties >> bit & 1) == 0) continue;
    VOXEL_ASSIGN_OR_RETURN(const uint32_t value, cursor.Uint32(kProperties[bit]));
    material[kProperties[bit]] = FloatText(value);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> ReadRowNames(const VoxChunk& chunk) {
  VoxCursor cursor(chunk);
  VOXEL_ASSIGN_OR_RETURN(const size_t count, cursor.Count("number of names", 4));
  std::vector<std::string> names;
  for (size_t i = 0; i < count; ++i) {
    VOXEL_ASSIGN_OR_RETURN(const std::string_view name, cursor.String(StrCat("name ", i)));
    names.push_back(name == kUnnamedRow ? "" : CleanName(name));
  }
  return names;
}

// The rows of the palette window.
struct Rows {
  std::vector<std::string> names;                   // "" where nobody gave one
  std::array<uint8_t, kVoxPaletteEntries> shown{};  // place in the window -> voxel index
};

size_t EntryOf(uint8_t voxel_index) { return (voxel_index + size_t{255}) % kVoxPaletteEntries; }

absl::StatusOr<Rows> ReadRows(absl::Span<const VoxChunk> chunks) {
  Rows rows;
  for (size_t i = 0; i < rows.shown.size(); ++i) rows.shown[i] = static_cast<uint8_t>(i + 1);
  for (const VoxChunk& chunk : chunks) {
    if (chunk.id == "NOTE") {
      VOXEL_ASSIGN_OR_RETURN(rows.names, ReadRowNames(chunk));
    } else if (chunk.id == "IMAP" && chunk.content.size() == rows.shown.size()) {
      std::copy(chunk.content.begin(), chunk.content.end(), rows.shown.begin());
    }
  }
  return rows;
}

// The names that the rows give to the entries.
std::vector<std::string> NamesOf(const Rows& rows) {
  std::vector<std::string> names(kVoxPaletteEntries);
  // How many colours a row name has so far: several rows may have the same.
  std::map<std::string, int> used;
  // "a-1" may also be the first colour of a row "a" and of a row named so.
  std::set<std::string> taken;
  const size_t places = std::min(rows.shown.size(), rows.names.size() * kRowColors);
  for (size_t place = 0; place < places; ++place) {
    const std::string& row = rows.names[place / kRowColors];
    std::string& name = names[EntryOf(rows.shown[place])];
    if (row.empty() || !name.empty()) continue;  // a broken IMAP may show a colour twice
    std::string candidate = StrCat(row, "-", ++used[row]);
    if (taken.insert(candidate).second) name = std::move(candidate);
  }
  return names;
}

// "stone" for "stone-12"; "" for a name without a number.
std::string_view WithoutNumber(std::string_view name) {
  const size_t end = name.find_last_not_of("0123456789");
  if (end == std::string_view::npos || end + 1 == name.size() || name[end] != '-') return {};
  return name.substr(0, end);
}

}  // namespace

std::vector<PaletteEntry> DefaultVoxPalette() {
  static constexpr std::array<uint32_t, 6> kCube = {255, 204, 153, 102, 51, 0};
  static constexpr std::array<uint32_t, 10> kRamp = {0xee, 0xdd, 0xbb, 0xaa, 0x88,
                                                     0x77, 0x55, 0x44, 0x22, 0x11};
  std::vector<PaletteEntry> entries(kVoxPaletteEntries);
  size_t next = 0;
  for (size_t i = 0; i < 6 * 6 * 6 - 1; ++i)
    entries[next++].color = Rgba(kCube[i / 36], kCube[i / 6 % 6], kCube[i % 6]);
  for (const uint32_t v : kRamp) entries[next++].color = Rgba(v, 0, 0);
  for (const uint32_t v : kRamp) entries[next++].color = Rgba(0, v, 0);
  for (const uint32_t v : kRamp) entries[next++].color = Rgba(0, 0, v);
  for (const uint32_t v : kRamp) entries[next++].color = Rgba(v, v, v);
  return entries;
}

bool IsVoxPaletteChunk(std::string_view id) { return id == "RGBA" || id == "MATL" || id == "MATT"; }

absl::StatusOr<RefPtr<const Palette>> ReadVoxPalette(absl::Span<const VoxChunk> chunks) {
  RefPtr<Palette> palette = MakeRef<Palette>();
  palette->entries = DefaultVoxPalette();
  std::array<Material, kVoxPaletteEntries> materials;
  std::array<Material, kVoxPaletteEntries> old_materials;
  for (const VoxChunk& chunk : chunks) {
    if (chunk.id == "RGBA") VOXEL_RETURN_IF_ERROR(ReadColors(chunk, palette->entries));
    if (chunk.id == "MATL") VOXEL_RETURN_IF_ERROR(ReadMaterial(chunk, materials));
    if (chunk.id == "MATT") VOXEL_RETURN_IF_ERROR(ReadOldMaterial(chunk, old_materials));
  }
  VOXEL_ASSIGN_OR_RETURN(std::vector<std::string> names, VoxColorNames(chunks));
  for (size_t i = 0; i < kVoxPaletteEntries; ++i) {
    palette->entries[i].material =
        std::move(materials[i].empty() ? old_materials[i] : materials[i]);
    palette->entries[i].name = std::move(names[i]);
  }
  return RefPtr<const Palette>::Adopt(palette.release());
}

absl::StatusOr<std::vector<std::string>> VoxColorNames(absl::Span<const VoxChunk> chunks) {
  VOXEL_ASSIGN_OR_RETURN(const Rows rows, ReadRows(chunks));
  return NamesOf(rows);
}

std::optional<std::string> NewVoxNote(absl::Span<const VoxChunk> chunks,
                                      const std::vector<PaletteEntry>& entries) {
  const absl::StatusOr<Rows> kept = ReadRows(chunks);
  if (!kept.ok()) return std::nullopt;  // a document made by hand: its chunks stay as they are
  Rows rows = *kept;
  rows.names.resize(kVoxPaletteEntries / kRowColors);
  for (size_t row = 0; row < rows.names.size(); ++row) {
    rows.names[row].clear();
    for (size_t i = 0; i < kRowColors && rows.names[row].empty(); ++i) {
      const std::string& name = entries[EntryOf(rows.shown[row * kRowColors + i])].name;
      rows.names[row] = CleanName(WithoutNumber(name));
    }
  }
  const auto named_right = [&](const std::vector<std::string>& names) {
    int right = 0;
    for (size_t i = 0; i < names.size(); ++i) right += entries[i].name == names[i] ? 1 : 0;
    return right;
  };
  if (named_right(NamesOf(rows)) <= named_right(NamesOf(*kept))) return std::nullopt;
  std::string content;
  AppendUint32(content, static_cast<uint32_t>(rows.names.size()));
  for (const std::string& name : rows.names) {
    const std::string_view text = name.empty() ? kUnnamedRow : std::string_view(name);
    AppendUint32(content, static_cast<uint32_t>(text.size()));
    content += text;
  }
  return content;
}

}  // namespace voxel
