#include <vector>

#include "gtest/gtest.h"
#include "tests/support/colors.h"
#include "tests/voxel/ops/edit_fixture.h"
#include "tests/voxel/ops/random_edits.h"

namespace voxel {
namespace {

constexpr Box kBox{{0, 0, 0}, {10, 10, 10}};

RevertResult Reverted(const RefPtr<const Document>& before, const RefPtr<const Document>& after,
                      const RefPtr<const Document>& current) {
  auto result = RevertChange(*before, *after, current, TaskContext());
  EXPECT_TRUE(result.ok()) << result.status();
  return result.ok() ? *std::move(result) : RevertResult();
}

TEST(RevertChangeTest, LaterVoxelsStayAndCountAsConflicts) {
  const auto before = OneLayer();
  const auto after = Applied(before, {EditOf(FillBox{kBox, kRed, 0})}).document;
  const auto current = Applied(after, {EditOf(FillBox{{{0, 0, 0}, {10, 10, 3}}, kBlue, 0}),
                                       EditOf(FillBox{{{50, 0, 0}, {51, 1, 1}}, kGreen, 0})})
                           .document;
  const RevertResult result = Reverted(before, after, current);
  EXPECT_EQ(result.reverted, 700);
  EXPECT_EQ(result.conflicts, 300);
  EXPECT_EQ(VoxelsOf(result.document->layers[0]->volume),
            VoxelsOf(AppliedTo(Volume(), {EditOf(FillBox{{{0, 0, 0}, {10, 10, 3}}, kBlue, 0}),
                                          EditOf(FillBox{{{50, 0, 0}, {51, 1, 1}}, kGreen, 0})})));
}

TEST(RevertChangeTest, LargeUniformCubesConflictByTheVoxel) {
  const Box cube{{0, 0, 0}, {1024, 1024, 1024}};
  const auto before = OneLayer();
  const auto after = Applied(before, {EditOf(FillBox{cube, kRed, 0})}).document;
  const auto current =
      Applied(after, {EditOf(SetVoxels{{{5, 5, 5}, {600, 600, 600}}, {kBlue}})}).document;
  const RevertResult result = Reverted(before, after, current);
  EXPECT_EQ(result.reverted, (int64_t{1} << 30) - 2);
  EXPECT_EQ(result.conflicts, 2);
  EXPECT_EQ(result.document->CountVoxels(), 2);
}

RefPtr<const Document> WithSelection(const RefPtr<const Document>& document, const Box& box) {
  RefPtr<Document> copy = MakeRef<Document>(*document);
  const Volume ink = AppliedTo(Volume(), {EditOf(FillBox{box, kInk, 0})});
  copy->PutSelection(RefPtr<const Selection>(MakeRef<Selection>("s", VoxelSet{ink})));
  return RefPtr<const Document>::Adopt(copy.release());
}

TEST(RevertChangeTest, ASelectionGoesBackIfNobodyTouchedItSince) {
  const auto none = OneLayer();
  const auto small = WithSelection(none, {{0, 0, 0}, {4, 4, 4}});
  const auto large = WithSelection(none, {{0, 0, 0}, {9, 9, 9}});
  const auto voxels = [](const RevertResult& result) {
    const Selection* selection = result.document->FindSelection("s");
    return selection == nullptr ? -1 : selection->voxels.ink.CountVoxels();
  };
  const auto current = Applied(large, {EditOf(FillBox{kBox, kRed, 0})}).document;
  EXPECT_EQ(voxels(Reverted(small, large, current)), 64);
  EXPECT_EQ(Reverted(small, large, current).document->CountVoxels(), 1000);
  EXPECT_EQ(voxels(Reverted(none, large, current)), -1);
  EXPECT_EQ(voxels(Reverted(large, none, none)), 729) << "it had been removed";
  EXPECT_EQ(voxels(Reverted(none, small, current)), 729) << "changed since";
  EXPECT_EQ(Reverted(small, large, none).document, none) << "gone since";
}

TEST(RevertChangeTest, GoneLayersCountAllTheirVoxels) {
  const auto before = NewDocument({NewLayer("a"), NewLayer("b")});
  const auto after = Applied(before, {EditIn("b", FillBox{kBox, kRed, 0})}).document;
  const auto current = NewDocument({NewLayer("a")});
  const RevertResult result = Reverted(before, after, current);
  EXPECT_EQ(result.conflicts, 1000);
  EXPECT_EQ(result.reverted, 0);
  EXPECT_EQ(result.document.get(), current.get());
}

TEST(RevertChangeTest, VoxelByVoxelAsDefined) {
  for (uint64_t seed = 0; seed < 60; ++seed) {
    RandomEdits random(seed, RandomEdits::AnyArena(seed));
    const auto any = [&random](const RefPtr<const Document>& from) {
      return Applied(from, {random.Next(), random.Next(), random.Next()}).document;
    };
    const auto before = any(any(OneLayer()));
    const auto after = any(before);
    const auto current = any(after);
    const auto a = VoxelsOf(before->layers[0]->volume);
    const auto b = VoxelsOf(after->layers[0]->volume);
    auto want = VoxelsOf(current->layers[0]->volume);
    const auto at = [](const std::map<Coord, Color>& voxels, Coord c) {
      const auto it = voxels.find(c);
      return it == voxels.end() ? kAir : it->second;
    };
    int64_t reverted = 0;
    int64_t conflicts = 0;
    std::map<Coord, Color> both = a;
    both.insert(b.begin(), b.end());
    for (const auto& [c, color] : both) {
      if (at(a, c) == at(b, c)) continue;
      if (at(want, c) != at(b, c)) {
        ++conflicts;
        continue;
      }
      ++reverted;
      want.erase(c);
      if (at(a, c) != kAir) want[c] = at(a, c);
    }
    const RevertResult result = Reverted(before, after, current);
    EXPECT_EQ(VoxelsOf(result.document->layers[0]->volume), want) << seed;
    EXPECT_EQ(result.reverted, reverted) << seed;
    EXPECT_EQ(result.conflicts, conflicts) << seed;
  }
}

}  // namespace
}  // namespace voxel
