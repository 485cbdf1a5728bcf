// Edits under a mask, and with a pattern: what the unmasked edit does, where the model matches the
// layer as it was.
#include <random>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "tests/voxel/grid/model_run.h"
#include "tests/voxel/ops/edit_fixture.h"
#include "tests/voxel/ops/mask_model.h"
#include "tests/voxel/ops/random_edits.h"
#include "voxel/base/error.h"
#include "voxel/ops/operations.h"

namespace voxel {
namespace {

// With one colour, which a pattern may take the place of.
bool Paints(const EditOp& op) {
  return OperationOf(op).paints && OperationOf(op).family != OperationFamily::kPlacement &&
         !std::holds_alternative<Runs>(op);
}

class MaskedEpisode {
 public:
  explicit MaskedEpisode(uint64_t seed) : rng_(seed), edits_(seed, RandomEdits::AnyArena(seed)) {
    RefPtr<Document> document = MakeRef<Document>();
    document->layers = {NewLayer("main"), NewLayer("other")};
    const Volume ink = AppliedTo(Volume(), {EditOf(FillBox{edits_.AnyBox(20), kInk, 0}),
                                            EditOf(FillBox{edits_.AnyBox(20), kInk, 0})});
    for (const char* id : {"some", "most"}) {
      selections_[id] = {ink, id[0] == 'm'};
      document->PutSelection(RefPtr<const Selection>(MakeRef<Selection>(id, selections_[id])));
    }
    document_ = RefPtr<const Document>(std::move(document));
  }

  void Run() {
    for (int i = 0; i < 60 && !testing::Test::HasFailure(); ++i) {
      SCOPED_TRACE(i);
      Step();
    }
  }

 private:
  void Step() {
    if (edits_.OneIn(3)) {
      edits_.KnowOther("main");
      Edit edit = edits_.Next();
      edit.layer = "other";
      document_ = Applied(document_, {edit}).document;
    }
    const RefPtr<const Document> before = document_;
    edits_.KnowOther("other");
    Edit edit = edits_.Next();
    edit.layer = "main";
    if (Paints(edit.op) && edits_.OneIn(2)) {
      edit.pattern = std::make_shared<const Pattern>(AnyPattern(rng_, edits_.arena()));
    }
    const ApplyResult plain = Applied(before, {edit});
    if (edit.pattern) ExpectPattern(before, edit);
    edit.mask = std::make_shared<const Mask>(AnyMask(rng_, edits_.arena(), 2));
    const ApplyResult masked = Applied(before, {edit});
    if (testing::Test::HasFailure()) return;
    ExpectMasked(before, plain, masked, edit);
    // Unmasked edits keep the layer full of things to mask.
    document_ = edits_.OneIn(3) ? masked.document : plain.document;
  }

  void ExpectMasked(const RefPtr<const Document>& before, const ApplyResult& plain,
                    const ApplyResult& masked, const Edit& edit) {
    const auto main = [&before](Coord c) { return before->layers[0]->volume.Get(c); };
    const auto other = [&before](Coord c) { return before->layers[1]->volume.Get(c); };
    const MaskModel model{main, {{"main", main}, {"other", other}}, selections_};
    int64_t changed = 0;
    const Box& arena = edits_.arena();
    for (int32_t z = arena.min.z; z < arena.max.z; ++z) {
      for (int32_t y = arena.min.y; y < arena.max.y; ++y) {
        for (int32_t x = arena.min.x; x < arena.max.x; ++x) {
          const Coord c{x, y, z};
          const Document& right = model.Matches(*edit.mask, c) ? *plain.document : *before;
          for (int i = 0; i < 2; ++i) {
            const Color want = right.layers[i]->volume.Get(c);
            ASSERT_EQ(masked.document->layers[i]->volume.Get(c), want)
                << x << " " << y << " " << z << " operation " << edit.op.index();
            changed += want != before->layers[i]->volume.Get(c);
          }
        }
      }
    }
    const EditCount& count = masked.counts[0];
    EXPECT_EQ(count.changed, changed) << "operation " << edit.op.index();
    const EditCount& all = plain.counts[0];
    if (ActsOutside(edit.mode) || std::holds_alternative<Clear>(edit.op) ||
        std::holds_alternative<Cut>(edit.op) || std::holds_alternative<Crop>(edit.op)) {
      return;  // what they erase counts only where the mask lets them
    }
    EXPECT_EQ(count.changed + count.unchanged + count.clipped,
              all.changed + all.unchanged + all.clipped)
        << "operation " << edit.op.index();
  }

  // The pattern is the edit in each of its colours, where the model says that colour.
  void ExpectPattern(const RefPtr<const Document>& before, const Edit& edit) {
    const auto got = Applied(before, {edit}).document;
    const Box& arena = edits_.arena();
    std::map<Color, RefPtr<const Document>> in_color;
    for (int32_t z = arena.min.z; z < arena.max.z; ++z) {
      for (int32_t y = arena.min.y; y < arena.max.y; ++y) {
        for (int32_t x = arena.min.x; x < arena.max.x; ++x) {
          const Coord c{x, y, z};
          const Color paint = PatternColor(*edit.pattern, c);
          RefPtr<const Document>& single = in_color[paint];
          if (!single) single = InColor(before, edit, paint);
          ASSERT_EQ(got->layers[0]->volume.Get(c), single->layers[0]->volume.Get(c))
              << x << " " << y << " " << z << " operation " << edit.op.index();
        }
      }
    }
  }
  static RefPtr<const Document> InColor(const RefPtr<const Document>& before, Edit edit,
                                        Color color) {
    edit.pattern = nullptr;
    std::visit(
        [color](auto& op) {
          if constexpr (requires { op.color; }) op.color = color;
          if constexpr (requires { op.colors.assign(1, color); }) op.colors.assign(1, color);
        },
        edit.op);
    return Applied(before, {edit}).document;
  }

  std::mt19937_64 rng_;
  RandomEdits edits_;
  std::map<std::string, VoxelSet> selections_;
  RefPtr<const Document> document_;
};

TEST(MaskedEditTest, RandomEditsChangeWhatTheMaskMatches) {
  for (uint64_t seed = 0; seed < ModelSeeds(25) && !testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    MaskedEpisode(seed).Run();
  }
}

TEST(MaskedEditTest, AMaskDoesNotSeeItsEditsOwnWrites) {
  // Each voxel above a solid one: had the edit seen its writes, the column would grow to the top.
  Edit edit = EditOf(FillBox{{{0, 0, 0}, {1, 1, 64}}, 0xFF0000FF});
  edit.mask = std::make_shared<const Mask>(
      Mask{BesideMask{true, std::make_shared<const Mask>(Mask{SolidMask{}})}});
  const Volume seed = AppliedTo(Volume(), {EditOf(FillBox{{{0, 0, 0}, {1, 1, 1}}, 0x00FF00FF})});
  EXPECT_EQ(AppliedTo(seed, {edit}).CountVoxels(), 2);
  EXPECT_EQ(AppliedTo(seed, {edit, edit}).CountVoxels(), 3);
}

TEST(MaskedEditTest, AHugeBoxUnderAMaskOfWhatIsThereCostsWhatIsThere) {
  const Volume ball =
      AppliedTo(Volume(), {EditOf(Ellipsoid{{{0, 0, 0}, {40, 40, 40}}, 0xFF0000FF})});
  Edit edit = EditOf(FillBox{{{-4000, -4000, -4000}, {4000, 4000, 4000}}, 0x00FF00FF});
  edit.mask = std::make_shared<const Mask>(Mask{SurfaceMask{}});
  const ApplyResult result = Applied(OneLayer(ball), {edit});
  EXPECT_EQ(result.document->CountVoxels(), ball.CountVoxels());
  EXPECT_GT(result.counts[0].changed, 1000);
  EXPECT_LT(result.counts[0].changed, ball.CountVoxels() / 2);
  EXPECT_EQ(result.counts[0].clipped, int64_t{8000} * 8000 * 8000 - result.counts[0].changed);
}

TEST(MaskedEditTest, APatternFollowsTheWorldNotTheLayer) {
  const Box box{{-20, -20, -20}, {20, 20, 20}};
  Edit edit = EditOf(FillBox{box, 0});
  edit.pattern = std::make_shared<const Pattern>(
      MixPattern{{{1, 0xFF0000FF}, {1, 0x00FF00FF}, {2, 0x0000FFFF}}, 5});
  const Transform turned{Rotation::Quarter(Axis::kX, 1) * Rotation::Mirror(Axis::kY), {7, -3, 11}};
  const Volume straight = AppliedTo(Volume(), {edit});
  const auto other = Applied(OneLayer(Volume(), turned), {edit}).document;
  for (const auto& [c, color] : VoxelsOf(straight)) {
    ASSERT_EQ(other->layers[0]->volume.Get(turned.Inverse().Apply(c)), color);
  }
}

TEST(MaskedEditTest, AnyNumberOfThreadsGivesTheSame) {
  const Volume ball =
      AppliedTo(Volume(), {EditOf(Ellipsoid{{{-90, -90, -90}, {90, 90, 90}}, 0xFF0000FF})});
  Edit edit = EditOf(FillBox{{{-120, -120, -120}, {120, 120, 120}}, 0x00FF00FF});
  edit.mask = std::make_shared<const Mask>(
      Mask{AllOfMask{{Mask{NeighboursMask{26, 1, 25}}, Mask{NoiseMask{9, 500'000, 1}}}}});
  TaskContext context;
  const ApplyResult one = Applied(OneLayer(ball), {edit}, context);
  EXPECT_GT(one.counts[0].changed, 10'000);
  for (const int threads : {2, 5}) {
    context.threads = threads;
    const ApplyResult many = Applied(OneLayer(ball), {edit}, context);
    EXPECT_EQ(many.document->ContentHash(), one.document->ContentHash());
    EXPECT_EQ(many.counts[0].changed, one.counts[0].changed);
    EXPECT_EQ(many.counts[0].clipped, one.counts[0].clipped);
  }
}

// What a mix and a noise give is part of the API: the same voxels in every version.
TEST(MaskedEditTest, ChanceGivesTheSameVoxelsForever) {
  Edit mix = EditOf(FillBox{{{-40, -40, -40}, {40, 40, 40}}, 0});
  mix.pattern = std::make_shared<const Pattern>(
      MixPattern{{{500'000, 0xFF0000FF}, {500'000, 0x00FF00FF}}, 1});
  mix.mask = std::make_shared<const Mask>(
      Mask{AllOfMask{{Mask{NoiseMask{12, 500'000, 3}}, Mask{ShareMask{900'000, 4}}}}});
  const Volume got = AppliedTo(Volume(), {mix});
  EXPECT_EQ(got.CountVoxels(), 221'722);
  EXPECT_EQ(got.ContentHash(), 7082533453369662163u);
}

TEST(MaskedEditTest, SharesComeOutAsTheySay) {
  Edit edit = EditOf(FillBox{{{0, 0, 0}, {100, 100, 100}}, 0});
  edit.pattern =
      std::make_shared<const Pattern>(MixPattern{{{300'000, 0xFF0000FF}, {700'000, kAir}}, 0});
  EXPECT_NEAR(static_cast<double>(AppliedTo(Volume(), {edit}).CountVoxels()), 300'000, 2'000);
}

TEST(MaskedEditTest, APatternForAMoveIsRefused) {
  Edit edit = EditOf(MoveBox{{{0, 0, 0}, {1, 1, 1}}, {1, 0, 0}});
  edit.pattern = std::make_shared<const Pattern>(CheckerPattern{1, 2, 1});
  const auto result = ApplyEdits(OneLayer(), {edit}, {});
  EXPECT_EQ(ReasonOf(result.status()), "INVALID_FIELD");
  EXPECT_EQ(FieldOf(result.status()), "edits[0].pattern");
}

}  // namespace
}  // namespace voxel
