#include "voxel/ops/limited.h"

#include <string>
#include <utility>

#include "gtest/gtest.h"
#include "tests/support/colors.h"
#include "tests/voxel/ops/edit_fixture.h"
#include "voxel/ops/set_algebra.h"

namespace voxel {
namespace {

TEST(LimitedTest, ADocumentIsLimitedInTheWorld) {
  const Volume bar = AppliedTo(Volume(), {EditOf(FillBox{{{0, 0, 0}, {4, 1, 1}}, kRed, 0})});
  RefPtr<Document> document = MakeRef<Document>();
  document->layers.push_back(NewLayer("main", bar));
  auto linked = MakeRef<Layer>(*NewLayer("linked", bar, {Rotation(), {2, 0, 0}}));
  linked->linked_to = "main";
  document->layers.push_back(RefPtr<const Layer>(std::move(linked)));
  for (const bool complement : {false, true}) {
    const VoxelSet set{*InkBox({{3, 0, 0}, {5, 1, 1}}, TaskContext()), complement};
    const auto limited = Limited(*document, set, TaskContext());
    ASSERT_TRUE(limited.ok());
    const auto xs = [&](size_t layer) {
      std::string text;
      for (const auto& [c, color] : VoxelsOf((*limited)->layers[layer]->volume)) {
        text += std::to_string(c.x);
      }
      return text;
    };
    EXPECT_EQ(xs(0), complement ? "012" : "3");
    EXPECT_EQ(xs(1), complement ? "03" : "12") << "in its own space";
    EXPECT_EQ((*limited)->layers[1]->linked_to, "");
  }
  EXPECT_EQ(document->CountVoxels(), 8);
}

}  // namespace
}  // namespace voxel
