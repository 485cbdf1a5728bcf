// Every form of a brick into every other: written by single voxels, rows, regions and whole bricks,
// each against a plain array.
#include <algorithm>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "tests/voxel/grid/test_kernels.h"
#include "voxel/grid/brick_blend.h"
#include "voxel/grid/brick_encode.h"
#include "voxel/grid/brick_read.h"
#include "voxel/grid/brick_write.h"
#include "voxel/grid/node.h"
#include "voxel/grid/volume_editor.h"

namespace voxel {
namespace {

using internal::Slot;

// Bricks lie at the corner of eight regions, so on both sides of 0.
constexpr Coord kPlaces[] = {{0, 0, 0}, {-16, -16, -16}, {-16, 0, 48}, {1008, -64, -1024}};

// Each form there is, by what makes it.
struct Content {
  const char* name;
  int colors;
  bool airy;
  bool sparse = false;  // some forty voxels
};
constexpr Content kContents[] = {{"air", 0, true},
                                 {"one colour", 1, false},
                                 {"one", 1, true},
                                 {"few", 16, true},
                                 {"few full", 16, false},
                                 {"some", 200, true},
                                 {"some full", 200, false},
                                 {"raw", 900, true},
                                 {"raw full", 900, false},
                                 {"sparse", 5, true, true},
                                 {"sparse one", 1, true, true},
                                 {"sparse many", 30, true, true}};

DenseBrick VoxelsOf(const Content& content, uint32_t salt = 0) {
  DenseBrick out;
  for (int i = 0; i < kBrickVoxels; ++i) {
    const uint32_t hash = (static_cast<uint32_t>(i) + salt) * 2654435761u >> 7;
    const bool hole = content.sparse ? hash % 101 != 0 : hash % 5 == 0;
    const bool air = content.colors == 0 || (content.airy && hole);
    const uint32_t each = content.sparse ? 101 : 5;
    const uint32_t color = content.colors == 0 ? 0 : hash / each % content.colors;
    out[i] = air ? kAir : Rgba(color & 255, color >> 8, 7);
  }
  return out;
}

// One brick, with what should be in it.
class Pair {
 public:
  Pair(Coord min, const Content& content) : min_(min), model_(VoxelsOf(content)) {
    VolumeEditor editor{Volume()};
    editor.PutBrick(min, model_);
    base_ = editor.Commit();
    editor_ = std::make_unique<VolumeEditor>(base_);
  }

  void Set(int i, Color color) {
    editor_->Set(At(i), color);
    model_[i] = color;
    ASSERT_EQ(editor_->Get(At(i)), color);
  }
  void SetRow(int first, const std::vector<Color>& colors) {
    editor_->SetRow(At(first), colors);
    std::copy(colors.begin(), colors.end(), model_.begin() + first);
  }
  void Map(const Box& box, const VoxelMap& map) {
    MapCount count;
    const BoxKernel kernel(box, map);
    ASSERT_TRUE(editor_->MapRegion(box, kernel, TaskContext(), count).ok());
    int64_t changed = 0;
    for (int i = 0; i < kBrickVoxels; ++i) {
      if (!box.Contains(At(i))) continue;
      changed += map(model_[i]) != model_[i];
      model_[i] = map(model_[i]);
    }
    ASSERT_EQ(count.changed, changed);
  }
  Coord At(int i) const { return min_ + Coord{i & 15, i >> 4 & 15, i >> 8}; }
  const DenseBrick& model() const { return model_; }

  // Each voxel, and the canonical brick, equal to that of the model in its bytes' order and count.
  void Check() {
    for (int i = 0; i < kBrickVoxels; i += 7) ASSERT_EQ(editor_->Get(At(i)), model_[i]) << i;
    const int64_t kept = editor_->new_bytes();
    const Volume volume = editor_->Snapshot();
    ASSERT_GE(kept, 0);
    VolumeEditor other{Volume()};
    other.PutBrick(min_, model_);
    const Volume expected = other.Commit();
    ASSERT_EQ(volume.ContentHash(), expected.ContentHash());
    ASSERT_EQ(volume.CountVoxels(), expected.CountVoxels());
    ASSERT_EQ(volume.Bytes(), expected.Bytes());
    ASSERT_EQ(volume.Bounds(), expected.Bounds());
    VolumeReader reader(volume);
    const Cell cell = volume.CellAt(min_);
    DenseBrick decoded;
    if (cell.brick != nullptr) {
      BrickDecode(cell.brick, decoded);
      ASSERT_EQ(decoded, model_);
      ASSERT_EQ(cell.brick->form.masked, BrickCount(cell.brick) < kBrickVoxels);
    }
    std::vector<Coord> places;
    for (int i = 0; i < kBrickVoxels; ++i) places.push_back(At(i));
    std::vector<Color> many(places.size());
    reader.GetMany(places, many.data());
    for (int i = 0; i < kBrickVoxels; ++i) {
      ASSERT_EQ(many[i], model_[i]);
      ASSERT_EQ(reader.Get(At(i)), model_[i]);
      if (cell.brick == nullptr) continue;
      ASSERT_EQ(BrickGet(cell.brick, i), model_[i]);
      ASSERT_EQ(BrickOccupancy(cell.brick).Get(i), model_[i] != kAir);
    }
  }

 private:
  Coord min_;
  DenseBrick model_;
  Volume base_;
  std::unique_ptr<VolumeEditor> editor_;
};

template <typename Fn>
void ForEachContent(Fn&& fn) {
  int i = 0;
  for (const Content& content : kContents) {
    SCOPED_TRACE(content.name);
    Pair pair(kPlaces[i++ % std::size(kPlaces)], content);
    fn(pair, content);
    pair.Check();
    if (testing::Test::HasFailure()) return;
  }
}

TEST(BrickFormsTest, FullBricksOfAPaletteHaveNoOccupancyBits) {
  const auto bytes = [](const Content& content) {
    const Slot slot = internal::EncodeBrick(VoxelsOf(content));
    const int64_t size = internal::SlotBytes(slot, 0);
    EXPECT_EQ(slot.form(), slot.brick()->form);
    EXPECT_EQ(size, static_cast<int64_t>(BrickBytes(slot.brick())));
    internal::DropSlot(slot, 0);
    return size;
  };
  EXPECT_EQ(bytes({"", 16, false}), 2176);  // 0.53 a voxel
  EXPECT_EQ(bytes({"", 16, true}), 2176 + 512);
  EXPECT_EQ(bytes({"", 200, false}), 5184);
  EXPECT_EQ(bytes({"", 200, true}), 5184 + 512);
  EXPECT_EQ(bytes({"", 900, false}), 16448);
  EXPECT_EQ(bytes({"", 900, true}), 16448 + 512);
  EXPECT_EQ(bytes({"", 1, true}), 576);
  EXPECT_EQ(bytes({"", 2, true, true}), 896);
  EXPECT_EQ(bytes({"", 30, true, true}), 896);
  EXPECT_EQ(bytes({"", 1, true, true}), 576);
}

// So many voxels, each of another colour or of two in turns.
DenseBrick Scattered(int voxels, bool two_colors) {
  DenseBrick out{};
  for (int i = 0; i < voxels; ++i) {
    const int color = two_colors ? i % 2 : i;
    out[i * 1367 & 4095] = Rgba(color & 255, color >> 8, 7);
  }
  return out;
}

TEST(BrickFormsTest, SixtyFourVoxelsAreSparseAndOneMoreIsNot) {
  for (const bool two_colors : {true, false}) {
    for (const int voxels : {2, 63, 64, 65, 66}) {
      const Slot slot = internal::EncodeBrick(Scattered(voxels, two_colors));
      const auto wide = two_colors ? internal::Width::kNibble : internal::Width::kByte;
      EXPECT_EQ(slot.form().width, voxels <= 64 ? internal::Width::kSparse : wide) << voxels;
      EXPECT_EQ(BrickCount(slot.brick()), voxels);
      internal::DropSlot(slot, 0);
    }
  }
}

// Hashes are of the voxels: files and what was computed before there were sparse bricks stay right.
TEST(BrickFormsTest, ASparseBrickHasTheHashOfItsFullForm) {
  for (const bool two_colors : {true, false}) {
    for (const int voxels : {2, 15, 16, 17, 64}) {
      const DenseBrick dense = Scattered(voxels, two_colors);
      const Slot sparse = internal::EncodeBrick(dense);
      ASSERT_EQ(sparse.form().width, internal::Width::kSparse);
      const int colors = two_colors ? 2 : voxels;
      const auto wide = colors <= 16 ? internal::Width::kNibble : internal::Width::kByte;
      Brick* const full = internal::NewBrick({wide, true});
      for (int i = 0; i < kBrickVoxels; ++i) {
        if (dense[i] == kAir) continue;
        ASSERT_TRUE(internal::WriteVoxel(full, i, dense[i]));
      }
      EXPECT_EQ(internal::BrickHash(sparse.brick()), internal::BrickHash(full)) << voxels;
      internal::UnrefBrick(full);
      internal::DropSlot(sparse, 0);
    }
  }
}

// The colour of the one or of the other, whichever is the greater number; in one case air.
Color Meet(Color below, Color paint) {
  return paint == Rgba(3, 0, 7) ? kAir : std::max(below, paint);
}

TEST(BrickFormsTest, EveryPairOfFormsIsBlended) {
  for (const Content& one : kContents) {
    for (const Content& other : kContents) {
      const DenseBrick below = VoxelsOf(one);
      const DenseBrick paint = VoxelsOf(other, 5);
      const Slot a = internal::EncodeBrick(below);
      const Slot b = internal::EncodeBrick(paint);
      if (a.uniform() || b.uniform()) {
        internal::DropSlot(a, 0);
        internal::DropSlot(b, 0);
        continue;
      }
      DenseBrick expected;
      for (int i = 0; i < kBrickVoxels; ++i) expected[i] = Meet(below[i], paint[i]);
      const Slot met = internal::BlendBricks(a.brick(), b.brick(), Meet);
      const Slot encoded = internal::EncodeBrick(expected);
      EXPECT_TRUE(internal::SameSlot(met, encoded, 0)) << one.name << " and " << other.name;
      for (const Slot slot : {a, b, met, encoded}) internal::DropSlot(slot, 0);
    }
  }
}

TEST(BrickFormsTest, AHoleAndItsFillingComeAndGo) {
  ForEachContent([](Pair& pair, const Content&) {
    for (const int i : {0, 17, 4095}) {
      const Color was = pair.model()[i];
      pair.Set(i, kAir);
      pair.Check();
      pair.Set(i, was);
      pair.Check();
      pair.Set(i, Rgba(1, 2, 3));
      pair.Set(i, kAir);
    }
  });
}

TEST(BrickFormsTest, EveryVoxelIsRewrittenAsEveryOtherContent) {
  for (const Content& to : kContents) {
    SCOPED_TRACE(std::string("to ") + to.name);
    ForEachContent([&](Pair& pair, const Content&) {
      const DenseBrick target = VoxelsOf(to, 99);
      for (int i = 0; i < kBrickVoxels; ++i) pair.Set(i * 1367 & 4095, target[i * 1367 & 4095]);
    });
  }
}

TEST(BrickFormsTest, RowsAreRewrittenAsEveryOtherContent) {
  std::mt19937 random(3);
  for (const Content& to : kContents) {
    SCOPED_TRACE(std::string("to ") + to.name);
    ForEachContent([&](Pair& pair, const Content&) {
      const DenseBrick target = VoxelsOf(to, 5);
      for (int round = 0; round < 200; ++round) {
        const int row = static_cast<int>(random() % 256) << 4;
        const int first = row + static_cast<int>(random() % 3 == 0 ? random() % 16 : 0);
        const auto n = static_cast<size_t>(random() % 3 == 0 ? random() % (row + 17 - first)
                                                             : row + 16 - first);
        pair.SetRow(first, {target.begin() + first, target.begin() + first + n});
        if (round == 100) pair.Check();
      }
    });
  }
}

TEST(BrickFormsTest, OneColourOfManyIsMapped) {
  ForEachContent([](Pair& pair, const Content&) {
    const auto solid = std::find_if(pair.model().begin(), pair.model().end(),
                                    [](Color color) { return color != kAir; });
    if (solid == pair.model().end()) return;
    const Color from = *solid;
    const Box whole{pair.At(0), pair.At(0) + Coord{16, 16, 16}};
    pair.Map(whole, [=](Color c) { return c == from ? Rgba(9, 8, 7) : c; });
  });
}

TEST(BrickFormsTest, RegionsOverThePartThatIsNotAirMapThePalette) {
  ForEachContent([](Pair& pair, const Content&) {
    const Coord corner = pair.At(0);
    const Box most{corner + Coord{0, 0, 1}, corner + Coord{16, 16, 16}};
    pair.Map({corner, corner + Coord{16, 16, 1}}, Paint(kAir));
    pair.Check();  // from here on only the box has voxels
    for (const Color color : {Rgba(9, 9, 9), kAir, Rgba(0, 0, 7)}) {
      const Color from = pair.model()[2000];
      pair.Map(most, [=](Color c) { return c != kAir && c == from ? color : c; });
      pair.Check();
    }
    pair.Map(most, [](Color c) { return c == kAir ? Rgba(4, 4, 4) : c; });  // air is not kept
    pair.Check();
  });
}

TEST(BrickFormsTest, RegionsMapBricksThatAreBeingWritten) {
  ForEachContent([](Pair& pair, const Content&) {
    for (int i = 0; i < 600; ++i) pair.Set(i * 7 & 4095, i % 3 == 0 ? kAir : Rgba(i & 255, 5, 5));
    const Coord corner = pair.At(0);
    const Box whole{corner, corner + Coord{16, 16, 16}};
    pair.Map(whole, [](Color c) { return c == kAir ? kAir : Rgba(Red(c) ^ 1, 6, 6); });
    for (int i = 0; i < 300; ++i) pair.Set(i * 11 & 4095, i % 4 == 0 ? kAir : Rgba(i & 255, 8, 5));
    pair.Map({corner + Coord{1, 0, 0}, whole.max},
             [](Color c) { return c == kAir ? Rgba(3, 3, 3) : c; });
  });
}

TEST(BrickFormsTest, SnapshotsKeepTheFormTheyTook) {
  ForEachContent([](Pair& pair, const Content&) {
    VolumeEditor editor{Volume()};
    editor.PutBrick({0, 0, 0}, pair.model());
    const Volume snapshot = editor.Snapshot();
    const uint64_t hash = snapshot.ContentHash();
    for (int i = 0; i < kBrickVoxels; i += 3) {
      editor.Set({i & 15, i >> 4 & 15, i >> 8}, i % 2 == 0 ? kAir : Rgba(i & 255, 1, 1));
    }
    const Volume changed = editor.Commit();
    EXPECT_EQ(Volume(snapshot).ContentHash(), hash);
    for (int i = 0; i < kBrickVoxels; ++i) {
      ASSERT_EQ(snapshot.Get({i & 15, i >> 4 & 15, i >> 8}), pair.model()[i]);
    }
  });
}

}  // namespace
}  // namespace voxel
