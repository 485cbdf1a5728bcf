// Masks as kernels, against the model: in layers turned and moved at random, on every kind of
// brick, at the borders of bricks, nodes, regions and the world.
#include "voxel/ops/mask_kernel.h"

#include <functional>
#include <random>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "tests/voxel/grid/model_run.h"
#include "tests/voxel/ops/edit_fixture.h"
#include "tests/voxel/ops/mask_model.h"
#include "tests/voxel/ops/random_edits.h"
#include "voxel/base/error.h"
#include "voxel/grid/combine.h"
#include "voxel/grid/volume_editor.h"

namespace voxel {
namespace {

constexpr Color kColors[] = {0xFF0000FF, 0x00FF00FF, 0x0000FFFF, 0x10101080};

// Bricks of one colour, of some, and of thousands, and single voxels, about a place.
Volume AnyVolume(std::mt19937_64& rng, const Box& arena) {
  VolumeEditor editor{Volume()};
  const Box bricks{{arena.min.x & ~15, arena.min.y & ~15, arena.min.z & ~15}, arena.max};
  for (int32_t z = bricks.min.z; z < bricks.max.z; z += 16) {
    for (int32_t y = bricks.min.y; y < bricks.max.y; y += 16) {
      for (int32_t x = bricks.min.x; x < bricks.max.x; x += 16) {
        DenseBrick voxels;
        const uint64_t kind = rng() % 6;
        for (Color& c : voxels) {
          c = kind == 0 ? kAir : kind == 1 ? kColors[0] : kColors[rng() % 4];
          if (kind == 2) c = Normalized(static_cast<Color>(rng()));
          if (kind > 3 && rng() % 3 == 0) c = kAir;
        }
        editor.PutBrick({x, y, z}, voxels);
      }
    }
  }
  return editor.Commit();
}

std::function<Color(Coord)> InWorldSpace(const Volume& volume, const Transform& placement) {
  return [volume, back = placement.Inverse()](Coord c) { return volume.Get(back.Apply(c)); };
}

// At the rim of the world all layers lie in place, so that the rims are one.
Transform AnyPlacement(std::mt19937_64& rng, const Box& arena) {
  for (int i = 0; i < 3; ++i) {
    if (arena.min[i] == kMinCoord || arena.max[i] == kMaxCoord) return {};
  }
  const auto offset = [&] { return static_cast<int32_t>(rng() % 9) - 4; };
  if (rng() % 3 == 0) return {};
  return {Rotation::Quarter(static_cast<Axis>(rng() % 3), static_cast<int>(rng() % 4)) *
              (rng() % 2 == 0 ? Rotation() : Rotation::Mirror(static_cast<Axis>(rng() % 3))),
          {offset(), offset(), offset()}};
}

class Scene final : public MaskScene {
 public:
  Scene(const Volume& volume, const LayerSpace& space, const Volume& other, const Volume& selected)
      : MaskScene(volume, space), other_(other), selected_(selected) {}
  absl::StatusOr<Volume> Layer(const std::string& id) override {
    return id == "main" ? volume() : other_;
  }
  absl::StatusOr<VoxelSet> Selection(const std::string& id) override {
    return VoxelSet{selected_, id == "most"};
  }

 private:
  const Volume other_;
  const Volume selected_;
};

// All in the space of the layer.
MaskKernelPtr Compiled(const Mask& mask, const Volume& volume, const LayerSpace& space,
                       const Volume& other, const Volume& selected) {
  Scene scene(volume, space, other, selected);
  auto kernel = CompileMask(mask, scene);
  EXPECT_TRUE(kernel.ok()) << kernel.status();
  return *std::move(kernel);
}

// Every brick of `arena` as the model says it, and no cube judged wrongly.
void ExpectLikeModel(const MaskKernel& kernel, const std::function<bool(Coord)>& matches,
                     const Box& arena) {
  for (int32_t z = arena.min.z & ~15; z < arena.max.z; z += 16) {
    for (int32_t y = arena.min.y & ~15; y < arena.max.y; y += 16) {
      for (int32_t x = arena.min.x & ~15; x < arena.max.x; x += 16) {
        const Coord min{x, y, z};
        BrickMask got;
        kernel.Fill(min, got);
        for (int size : {16, 64}) {
          const Coord corner{x & -size, y & -size, z & -size};
          const Coverage coverage = kernel.Classify({corner, corner + Coord{size, size, size}});
          EXPECT_TRUE(coverage != Coverage::kInside || got.All()) << size;
          EXPECT_TRUE(coverage != Coverage::kOutside || got.None()) << size;
        }
        for (int i = 0; i < kBrickVoxels; ++i) {
          const Coord c = min + Coord{i & 15, i >> 4 & 15, i >> 8};
          ASSERT_EQ(got.Get(i), matches(c)) << c.x << " " << c.y << " " << c.z;
        }
      }
    }
  }
}

TEST(MaskKernelTest, RandomMasksMatchWhatTheModelMatches) {
  for (uint64_t seed = 0; seed < ModelSeeds(200) && !testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 rng(seed);
    const Coord corner = RandomEdits::AnyArena(seed);
    const Box arena{corner, corner + Coord{28, 28, 28}};
    const Transform placement = AnyPlacement(rng, arena);
    const Volume volume = AnyVolume(rng, arena);
    const Volume other = AnyVolume(rng, arena);
    const Volume selected = AnyVolume(rng, arena);
    const LayerSpace space(placement);
    const auto in_world = *TransformVolume(selected, placement, TaskContext());
    for (int i = 0; i < 3; ++i) {
      const Mask mask = AnyMask(rng, arena, 3);
      const MaskKernelPtr kernel = Compiled(mask, volume, space, other, selected);
      const MaskModel model{
          InWorldSpace(volume, placement),
          {{"main", InWorldSpace(volume, placement)}, {"other", InWorldSpace(other, placement)}},
          {{"some", {in_world, false}}, {"most", {in_world, true}}}};
      ExpectLikeModel(
          *kernel, [&](Coord c) { return model.Matches(mask, placement.Apply(c)); }, arena);
    }
  }
}

TEST(MaskKernelTest, UniformCubesAreJudgedAsAWhole) {
  VolumeEditor editor{Volume()};
  for (int i = 0; i < 27; ++i) {
    editor.PutCube({(i % 3) * 1024, (i / 3 % 3) * 1024, (i / 9) * 1024}, 1024, kColors[0]);
  }
  const Volume volume = editor.Commit();
  const LayerSpace space{Transform()};
  const auto judged = [&](const Mask& mask, Coord min, int32_t size) {
    return Compiled(mask, volume, space, volume, volume)
        ->Classify({min, min + Coord{size, size, size}});
  };
  const Coord middle{1024, 1024, 1024};
  const Coord far_off{1 << 29, 1 << 29, 1 << 29};
  EXPECT_EQ(judged({SolidMask{}}, middle, 1024), Coverage::kInside);
  EXPECT_EQ(judged({SolidMask{}}, far_off, 1 << 28), Coverage::kOutside);
  EXPECT_EQ(judged({ColorMask{kAir, 0}}, far_off, 1 << 28), Coverage::kInside);
  EXPECT_EQ(judged({ColorMask{kColors[1], 0}}, middle, 1024), Coverage::kOutside);
  EXPECT_EQ(judged({SelectionMask{"some"}}, middle, 1024), Coverage::kInside);
  EXPECT_EQ(judged({SelectionMask{"some"}}, far_off, 1 << 28), Coverage::kOutside);
  EXPECT_EQ(judged({SelectionMask{"most"}}, middle, 1024), Coverage::kOutside);
  EXPECT_EQ(judged({SelectionMask{"most"}}, far_off, 1 << 28), Coverage::kInside);
  EXPECT_EQ(judged({SurfaceMask{}}, middle, 1024), Coverage::kOutside);
  EXPECT_EQ(judged({SurfaceMask{}}, {0, 0, 0}, 1024), Coverage::kPartial);
  EXPECT_EQ(judged({SurfaceMask{}}, {64, 64, 64}, 64), Coverage::kOutside);
  EXPECT_EQ(judged({ExposedMask{Axis::kZ, true}}, middle, 1024), Coverage::kOutside);
  EXPECT_EQ(judged({NeighboursMask{26, 26, 26}}, middle, 1024), Coverage::kInside);
  EXPECT_EQ(judged({NeighboursMask{26, 1, 26}}, far_off, 1 << 28), Coverage::kOutside);
  EXPECT_EQ(judged({ShareMask{kMillion, 1}}, middle, 1024), Coverage::kInside);
  EXPECT_EQ(judged({NoiseMask{1024, 1, 1}}, middle, 16), Coverage::kOutside);
  const auto above = std::make_shared<const Mask>(Mask{SolidMask{}});
  EXPECT_EQ(judged({BesideMask{true, above}}, middle, 1024), Coverage::kInside);
  EXPECT_EQ(judged({BesideMask{true, above}}, {1024, 1024, 0}, 1024), Coverage::kPartial);
}

TEST(MaskKernelTest, ALayerFarOffIsSeenWhereItReachesIn) {
  VolumeEditor editor{Volume()};
  editor.Set({-1, 0, 0}, kColors[0]);
  editor.Set({1, 0, 0}, kColors[0]);
  const Transform left{Rotation(), {kMinCoord, 0, 0}};
  Edit edit = EditIn("main", FillBox{{{kMinCoord, 0, 0}, {kMinCoord + 4, 1, 1}}, kColors[1]});
  edit.mask = std::make_shared<const Mask>(Mask{LayerMask{"other"}});
  const auto result =
      Applied(NewDocument({NewLayer("main"), NewLayer("other", editor.Commit(), left)}), {edit});
  EXPECT_EQ(VoxelsOf(result.document->layers[0]->volume),
            (std::map<Coord, Color>{{{kMinCoord + 1, 0, 0}, kColors[1]}}));
}

TEST(MaskKernelTest, ALayerThatIsNotThereIsSaid) {
  Edit edit = EditOf(FillBox{{{0, 0, 0}, {2, 1, 1}}, kColors[1]});
  edit.mask = std::make_shared<const Mask>(Mask{LayerMask{"roof"}});
  const auto result = ApplyEdits(OneLayer(), {edit}, {});
  EXPECT_EQ(ReasonOf(result.status()), "LAYER_NOT_FOUND");
  EXPECT_EQ(FieldOf(result.status()), "edits[0].mask");
}

TEST(MaskKernelTest, ASelectionThatIsNotThereIsSaid) {
  Edit edit = EditOf(FillBox{{{0, 0, 0}, {2, 1, 1}}, kColors[1]});
  edit.mask = std::make_shared<const Mask>(Mask{SelectionMask{"roof"}});
  const auto result = ApplyEdits(OneLayer(), {edit}, {});
  EXPECT_EQ(ReasonOf(result.status()), "SELECTION_NOT_FOUND");
  EXPECT_EQ(FieldOf(result.status()), "edits[0].mask");
}

TEST(MaskKernelTest, ASelectionLiesInTheWorldWhereverTheLayerDoes) {
  VolumeEditor ink{Volume()};
  ink.Set({kMaxCoord - 1, 0, 0}, kInk);
  RefPtr<Document> document = MakeRef<Document>();
  document->layers.push_back(NewLayer("main", Volume(), {Rotation(), {10, 0, 0}}));
  for (const bool complement : {false, true}) {
    document->PutSelection(RefPtr<const Selection>(
        MakeRef<Selection>(complement ? "most" : "some", VoxelSet{ink.Snapshot(), complement})));
  }
  const RefPtr<const Document> shared(std::move(document));
  Edit edit = EditOf(FillBox{{{kMaxCoord - 3, 0, 0}, {kMaxCoord, 1, 1}}, kColors[1]});
  const auto local = [&](const char* id) {
    edit.mask = std::make_shared<const Mask>(Mask{SelectionMask{id}});
    return VoxelsOf(Applied(shared, {edit}).document->layers[0]->volume);
  };
  const auto at = [](int32_t x) { return std::pair<const Coord, Color>{{x, 0, 0}, kColors[1]}; };
  EXPECT_EQ(local("some"), (std::map<Coord, Color>{at(kMaxCoord - 11)}));
  EXPECT_EQ(local("most"), (std::map<Coord, Color>{at(kMaxCoord - 13), at(kMaxCoord - 12)}));
}

TEST(MaskKernelTest, NumbersOutOfRangeAreRefused) {
  const auto reason = [](Mask mask) { return ReasonOf(CheckMask(mask)); };
  EXPECT_EQ(reason({ShareMask{0, 0}}), "INVALID_MASK");
  EXPECT_EQ(reason({ShareMask{kMillion + 1, 0}}), "INVALID_MASK");
  EXPECT_EQ(reason({NoiseMask{0, 1, 0}}), "INVALID_MASK");
  EXPECT_EQ(reason({NoiseMask{1025, 1, 0}}), "INVALID_MASK");
  EXPECT_EQ(reason({NeighboursMask{7, 0, 1}}), "INVALID_MASK");
  EXPECT_EQ(reason({NeighboursMask{6, 2, 1}}), "INVALID_MASK");
  EXPECT_EQ(reason({NeighboursMask{6, 0, 7}}), "INVALID_MASK");
  EXPECT_EQ(reason({HeightMask{3, 3}}), "INVALID_MASK");
  EXPECT_EQ(reason({InBoxMask{}}), "INVALID_MASK");
  EXPECT_EQ(reason({ColorMask{kAir, 256}}), "INVALID_MASK");
  EXPECT_EQ(reason({AllOfMask{}}), "INVALID_MASK");
  EXPECT_EQ(reason({AnyOfMask{std::vector<Mask>(256, Mask{SolidMask{}})}}), "INVALID_MASK");
  EXPECT_EQ(reason({AnyOfMask{std::vector<Mask>(255, Mask{SolidMask{}})}}), "");
}

}  // namespace
}  // namespace voxel
