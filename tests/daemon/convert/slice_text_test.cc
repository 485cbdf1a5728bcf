#include "daemon/convert/slice_text.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

namespace voxeld {
namespace {

using voxel::Color;
using voxel::Rgba;

// A slice along z of that many columns.
voxel::Slice SliceOf(std::vector<Color> cells, int32_t columns, voxel::Coord min = {0, 0, 0}) {
  voxel::Slice slice;
  slice.columns = columns;
  slice.rows = static_cast<int32_t>(cells.size()) / columns;
  slice.box = {min, min + voxel::Coord{slice.columns, slice.rows, 1}};
  slice.cells = std::move(cells);
  return slice;
}

v1::SliceResponse Said(const voxel::Slice& slice, const SliceStyle& style = {},
                       const voxel::Palette* palette = nullptr,
                       const voxel::SliceSpec& spec = voxel::SliceSpec()) {
  v1::SliceResponse response;
  FromSlice(slice, spec, style, palette, &response);
  return response;
}

// Many different colours, the first ones more often.
std::vector<Color> Different(uint32_t count) {
  std::vector<Color> cells;
  for (uint32_t i = 0; i < count; ++i) cells.push_back(Rgba(i >> 8, i & 255, 7));
  return cells;
}

TEST(SliceTextTest, TheMostFrequentColourComesFirstAndTiesGoByNumber) {
  const Color rare = Rgba(1, 0, 0);
  const Color tied = Rgba(2, 0, 0);
  const Color often = Rgba(9, 0, 0);
  auto* palette = new voxel::Palette;
  const auto owned = voxel::RefPtr<voxel::Palette>::Adopt(palette);
  palette->entries.push_back({.color = often, .name = "stone", .material = {}});
  const v1::SliceResponse said =
      Said(SliceOf({often, often, voxel::kAir, tied, rare, often}, 3), {}, palette);
  EXPECT_EQ(said.text(), "##.\nBA#\n");
  EXPECT_EQ(said.columns(), 3u);
  EXPECT_EQ(said.rows(), 2u);
  ASSERT_EQ(said.legend_size(), 3);
  EXPECT_EQ(said.legend(0).ShortDebugString(),
            R"(symbol: "#" color: "#090000ff" name: "stone" cells: 3)");
  EXPECT_EQ(said.legend(1).ShortDebugString(), R"(symbol: "A" color: "#010000ff" cells: 1)");
  EXPECT_EQ(said.right(), v1::AXIS_X);
  EXPECT_EQ(said.up(), v1::AXIS_Y);
}

TEST(SliceTextTest, ColoursBeyondTheCharactersShareOneAndNoneIsLost) {
  for (const uint32_t count : {77u, 78u, 79u, 254u, 255u, 256u, 600u}) {
    const voxel::Slice slice = SliceOf(Different(count), static_cast<int32_t>(count));
    const v1::SliceResponse text = Said(slice);
    const v1::SliceResponse bytes = Said(slice, {v1::SLICE_FORM_INDICES, false});
    for (const v1::SliceResponse* said : {&text, &bytes}) {
      int64_t cells = 0;
      for (const v1::LegendEntry& entry : said->legend()) cells += entry.cells();
      EXPECT_EQ(cells, count);
      const bool shared = said->legend(said->legend_size() - 1).color().empty();
      EXPECT_EQ(shared, count > (said == &text ? 78u : 254u)) << count;
    }
    EXPECT_EQ(text.text().find('?') != std::string::npos, count > 78) << count;
    EXPECT_EQ(bytes.indices().size(), count);
    for (uint32_t i = 0; i < count; ++i) {
      EXPECT_EQ(static_cast<uint8_t>(bytes.indices()[i]), std::min(i + 1, 255u));
    }
    EXPECT_EQ(bytes.text(), "");
  }
}

TEST(SliceTextTest, RulersSayWhereOneIs) {
  voxel::SliceSpec spec;
  spec.step = 2;
  const voxel::Slice slice = SliceOf(std::vector<Color>(24, Rgba(1, 1, 1)), 12, {-4, 8, 0});
  const v1::SliceResponse said = Said(slice, {v1::SLICE_FORM_TEXT, true}, nullptr, spec);
  EXPECT_EQ(said.text(),
            "   -4        16\n"
            "   |         |\n"
            "10 ############\n"
            " 8 ############\n");
}

TEST(SliceTextTest, NothingHasNoText) {
  voxel::SliceSpec spec;
  spec.axis = voxel::Axis::kX;
  const v1::SliceResponse said = Said(voxel::Slice(), {}, nullptr, spec);
  EXPECT_EQ(said.ShortDebugString(), "right: AXIS_Y up: AXIS_Z");
}

}  // namespace
}  // namespace voxeld
