// Laws of what places voxels elsewhere or meets other layers, and of what does not depend on how
// bricks are stored.
#include <set>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "tests/voxel/ops/edit_law.h"
#include "voxel/grid/combine.h"
#include "voxel/ops/operations.h"
#include "voxel/ops/placement.h"

namespace voxel {
namespace {

class LayerLawTest : public EditLaw {};

INSTANTIATE_TEST_SUITE_P(Fillings, LayerLawTest,
                         testing::Values(Filling::kUniform, Filling::kPalette, Filling::kRaw),
                         FillingName);

std::set<Coord> Places(const Volume& volume) {
  std::set<Coord> places;
  for (const auto& [c, color] : VoxelsOf(volume)) places.insert(c);
  return places;
}

Volume Combined(const Volume& a, const Volume& b, Combination how, bool take_colors = false) {
  const auto document = NewDocument({NewLayer("a", a), NewLayer("b", b)});
  return Applied(document, {EditIn("a", Combine{"b", how, take_colors})})
      .document->layers[0]
      ->volume;
}

// Something that meets the arena's filling.
Volume Other(RandomEdits& random) { return TwoLayers(random, Volume())->layers[1]->volume; }

TEST_P(LayerLawTest, UnionAndIntersectionCommuteOnOccupancy) {
  Check([](RandomEdits& random, const Volume& a) {
    const Volume b = Other(random);
    for (const Combination how : {Combination::kUnion, Combination::kIntersect}) {
      EXPECT_EQ(Places(Combined(a, b, how)), Places(Combined(b, a, how)));
      // With the colours of the other one it is the same in colours, too.
      EXPECT_EQ(Combined(a, b, how, true).ContentHash(), Combined(b, a, how).ContentHash());
    }
  });
}

TEST_P(LayerLawTest, CombinationsAddUp) {
  Check([](RandomEdits& random, const Volume& a) {
    const Volume b = Other(random);
    const Volume both = Combined(a, b, Combination::kIntersect);
    const Volume either = Combined(a, b, Combination::kUnion);
    const Volume only_a = Combined(a, b, Combination::kSubtract);
    const Volume one = Combined(a, b, Combination::kXor);
    EXPECT_EQ(either.CountVoxels() + both.CountVoxels(), a.CountVoxels() + b.CountVoxels());
    EXPECT_EQ(Combined(only_a, both, Combination::kUnion).ContentHash(), a.ContentHash());
    EXPECT_EQ(Combined(either, both, Combination::kSubtract).ContentHash(), one.ContentHash());
    EXPECT_EQ(Combined(only_a, b, Combination::kXor, true).CountVoxels(), either.CountVoxels());
    EXPECT_TRUE(Combined(only_a, b, Combination::kIntersect).empty());
  });
}

TEST_P(LayerLawTest, CombiningWithItselfIsAllOrNothing) {
  Check([](RandomEdits&, const Volume& a) {
    EXPECT_TRUE(Combined(a, a, Combination::kUnion).SharesRoot(a));
    EXPECT_TRUE(Combined(a, a, Combination::kIntersect).SharesRoot(a));
    EXPECT_TRUE(Combined(a, a, Combination::kSubtract).empty());
    EXPECT_TRUE(Combined(a, a, Combination::kXor).empty());
  });
}

TEST_P(LayerLawTest, CuttingAndPastingBackIsNone) {
  Check([](RandomEdits& random, const Volume& volume) {
    const auto before = NewDocument({NewLayer("main", volume), NewLayer("clipboard")});
    const Box box = random.AnyBox(14);
    const auto cut = Applied(before, {EditIn("main", Cut{box, "clipboard", {}, false})}).document;
    EXPECT_EQ(cut->CountVoxels(), before->CountVoxels());
    Paste paste;
    paste.from_layer = "clipboard";
    paste.box = box;
    const auto pasted = Applied(cut, {EditIn("main", paste)}).document;
    EXPECT_EQ(pasted->layers[0]->volume.ContentHash(), volume.ContentHash());
    EXPECT_EQ(pasted->layers[1]->volume.ContentHash(), cut->layers[1]->volume.ContentHash());
  });
}

TEST_P(LayerLawTest, CuttingAndPastingTurnedIsTurning) {
  Check([](RandomEdits& random, const Volume& volume) {
    Rotate turn{random.AnyBox(14), random.AnyAxis(), random.Below(9) - 4};
    const Block extent = RotatedExtent(turn.box, turn.axis, turn.quarter_turns);
    for (int i = 0; i < 3; ++i) {
      if (extent[i].first < kMinCoord || extent[i].last >= kMaxCoord) return;
    }
    Paste paste;
    paste.from_layer = "clipboard";
    paste.box = turn.box;
    paste.to = BoxOf(extent).min;
    paste.axis = turn.axis;
    paste.quarter_turns = turn.quarter_turns;
    const auto before = NewDocument({NewLayer("main", volume), NewLayer("clipboard")});
    const auto pasted = Applied(
        before, {EditIn("main", Cut{turn.box, "clipboard", {}, false}), EditIn("main", paste)});
    EXPECT_EQ(pasted.document->layers[0]->volume.ContentHash(),
              AppliedTo(volume, {EditOf(turn)}).ContentHash());
  });
}

TEST_P(LayerLawTest, PastingFlippedInPlaceIsMirroring) {
  Check([](RandomEdits& random, const Volume& volume) {
    const Mirror mirror{random.AnyBox(14), random.AnyAxis()};
    Paste paste;
    paste.box = mirror.box;
    paste.flip[static_cast<int>(mirror.axis)] = true;
    EXPECT_EQ(AppliedTo(volume, {EditOf(paste)}).ContentHash(),
              AppliedTo(volume, {EditOf(mirror)}).ContentHash());
  });
}

TEST_P(LayerLawTest, AStackIsOneCopyAfterTheOther) {
  Check([](RandomEdits& random, const Volume& volume) {
    const Box unit = random.AnyBox(5);
    Stack stack{
        unit, {random.Below(3) - 1, random.Below(3) - 1, random.Below(3) - 1}, 4, random.OneIn(2)};
    if (stack.direction == Coord{}) stack.direction.y = 1;
    std::vector<Edit> copies;
    CopyBox copy;
    copy.box = unit;
    copy.skip_empty = stack.skip_empty;
    for (int n = 1; n <= 4; ++n) {
      for (int i = 0; i < 3; ++i) {
        const int64_t by = n * stack.direction[i] * unit.Size(i);
        if (unit.min[i] + by < kMinCoord || unit.max[i] + by > kMaxCoord) return;
        copy.to[i] = static_cast<int32_t>(unit.min[i] + by);
      }
      copies.push_back(EditOf(copy));
    }
    EXPECT_EQ(AppliedTo(volume, {EditOf(stack)}).ContentHash(),
              AppliedTo(volume, copies).ContentHash());
  });
}

TEST_P(LayerLawTest, RecentringIsMovingTheBounds) {
  Check([](RandomEdits& random, const Volume& volume) {
    const Box bounds = volume.Bounds();
    const Coord to = random.AnyCoord();
    const MoveBox move{bounds, to - bounds.min, false};
    for (int i = 0; i < 3; ++i) {
      if (to[i] + bounds.Size(i) > kMaxCoord) return;
    }
    const Volume moved = AppliedTo(volume, {EditOf(Recentre{to, Anchor::kMin})});
    EXPECT_EQ(moved.ContentHash(), AppliedTo(volume, {EditOf(move)}).ContentHash());
    EXPECT_EQ(moved.Bounds().min, to);
    const Edit back = EditOf(Recentre{bounds.min, Anchor::kMin});
    EXPECT_EQ(AppliedTo(moved, {back}).ContentHash(), volume.ContentHash());
  });
}

TEST_P(LayerLawTest, FlatteningIsWhatIsSeen) {
  Check([](RandomEdits& random, const Volume& volume) {
    const auto before = TwoLayers(random, volume);
    const auto seen = Composite(*before, TaskContext());
    ASSERT_TRUE(seen.ok()) << seen.status();
    const auto after = Applied(before, {EditIn("main", Flatten{})}).document;
    EXPECT_EQ(after->layers[0]->volume.ContentHash(), seen->ContentHash());
    const auto own = Applied(before, {EditIn("other", Flatten{{"main"}})}).document;
    EXPECT_TRUE(own->layers[1]->volume.SharesRoot(volume));
  });
}

// Where an edit leaves voxels depends on where they were, not on whether bricks of one colour, of a
// palette or of raw colours hold them.
TEST(StorageLawTest, OccupancyDoesNotDependOnHowBricksAreStored) {
  for (uint64_t seed = 0; seed < 90 && !testing::Test::HasFailure(); ++seed) {
    RandomEdits random(seed, RandomEdits::AnyArena(seed));
    Edit edit = random.Next();
    while (OperationOf(edit.op).family == OperationFamily::kConnected ||
           OperationOf(edit.op).family == OperationFamily::kColors ||
           std::holds_alternative<Replace>(edit.op) || edit.mode != Mode::kReplace) {
      edit = random.Next();
    }
    const auto places = [&](Filling filling) {
      return Places(AppliedTo(Filled(random.arena(), filling), {edit}));
    };
    const std::set<Coord> uniform = places(Filling::kUniform);
    EXPECT_EQ(places(Filling::kPalette), uniform) << "operation " << edit.op.index();
    EXPECT_EQ(places(Filling::kRaw), uniform) << "operation " << edit.op.index();
  }
}

}  // namespace
}  // namespace voxel
