// What the tests of laws share: arenas filled in each way that bricks are stored, and many rounds.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "tests/voxel/ops/edit_fixture.h"
#include "tests/voxel/ops/random_edits.h"

namespace voxel {

enum class Filling { kUniform, kPalette, kRaw };

// An arena of which a part is filled with whole bricks of one colour, of a few, or of as many as
// there are voxels.
inline Volume Filled(const Box& arena, Filling filling) {
  std::vector<Edit> edits;
  const Box part{arena.min, arena.max - Coord{5, 3, 2}};
  if (filling == Filling::kUniform) {
    edits.push_back(EditOf(FillBox{part, 0x336699FF, 0}));
  } else {
    SetVoxels set;
    uint32_t n = 0;
    for (int z = part.min.z; z < part.max.z; ++z) {
      for (int y = part.min.y; y < part.max.y; ++y) {
        for (int x = part.min.x; x < part.max.x; ++x) {
          n = n * 1664525 + 1013904223;
          set.positions.push_back({x, y, z});
          set.colors.push_back(filling == Filling::kPalette ? Rgba(n >> 30, 9, 9, 200) : (n | 1));
        }
      }
    }
    edits.push_back(EditOf(std::move(set)));
  }
  return AppliedTo(Volume(), edits);
}

class EditLaw : public testing::TestWithParam<Filling> {
 protected:
  static constexpr int kRounds = 30;

  // Runs the law in many arenas: law(random, volume).
  template <typename Law>
  void Check(Law&& law) {
    for (uint64_t seed = 0; seed < kRounds; ++seed) {
      RandomEdits random(seed, RandomEdits::AnyArena(seed));
      law(random, Filled(random.arena(), GetParam()));
      ASSERT_FALSE(HasFailure()) << "seed " << seed;
    }
  }
};

inline std::string FillingName(const testing::TestParamInfo<Filling>& info) {
  static constexpr const char* kNames[] = {"Uniform", "Palette", "Raw"};
  return kNames[static_cast<int>(info.param)];
}

// The layer "main" with these voxels, and "other" with something that meets them.
inline RefPtr<const Document> TwoLayers(RandomEdits& random, const Volume& volume) {
  random.KnowOther("other");
  const Volume other =
      AppliedTo(Volume(), {EditOf(Ellipsoid{random.AnyBox(20), 0x11223344, 0}),
                           EditOf(FillBox{random.AnyBox(14), random.AnyColor(), 1})});
  return NewDocument({NewLayer("main", volume), NewLayer("other", other)});
}

inline Edit NextInMain(RandomEdits& random) {
  Edit edit = random.Next();
  edit.layer = "main";
  return edit;
}

}  // namespace voxel
