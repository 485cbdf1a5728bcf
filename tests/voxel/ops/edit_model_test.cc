// Whole edits, at random, against the model. After each batch: the same counts, the same voxels
// wherever it changed some, and every live old snapshot as it was there. A snapshot is compared in
// full when it is taken and when it is dropped. tests/voxel/grid/model_run.h says how many edits.
#include <algorithm>
#include <array>
#include <deque>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "tests/voxel/grid/model_run.h"
#include "tests/voxel/ops/edit_fixture.h"
#include "tests/voxel/ops/edit_model.h"
#include "tests/voxel/ops/random_edits.h"

namespace voxel {
namespace {

// One document of two layers and its models, from empty.
class Episode {
 public:
  static constexpr int kEdits = 400;

  explicit Episode(uint64_t seed)
      : edits_(seed, RandomEdits::AnyArena(seed)),
        models_{EditModel(edits_.arena(), kIds[0]), EditModel(edits_.arena(), kIds[1], kOpacity)} {
    EditModel::Join(models_[0], models_[1]);
    auto* top = new Layer(*NewLayer(kIds[1]));
    top->opacity = kOpacity;
    document_ = NewDocument({NewLayer(kIds[0]), RefPtr<const Layer>::Adopt(top)});
  }

  // Returns at the first difference.
  void Run() {
    for (int i = 0; i < kEdits && !testing::Test::HasFailure();) {
      const int n = std::min(kEdits - i, 1 + edits_.Below(3));
      SCOPED_TRACE(i);
      Step(n);
      CheckWhereChanged({models_[0].TakeChanged(), models_[1].TakeChanged()});
      if (edits_.OneIn(kStepsPerSnapshot)) TakeSnapshot();
      i += n;
    }
    TakeSnapshot();
    while (!snapshots_.empty()) DropSnapshot();
  }

 private:
  static constexpr int kStepsPerSnapshot = 20;
  static constexpr const char* kIds[] = {"main", "other"};  // bottom first
  static constexpr uint8_t kOpacity = 140;                  // of the top layer

  using Colors = std::array<std::vector<Color>, 2>;  // of each layer: the arena, x fastest

  struct Snapshot {
    RefPtr<const Document> document;
    Colors colors;
  };

  Colors ModelColors() const { return {models_[0].colors(), models_[1].colors()}; }

  Edit AnyEdit() {
    const int layer = edits_.OneIn(4) ? 1 : 0;
    edits_.KnowOther(kIds[1 - layer]);
    Edit edit = edits_.Next();
    edit.layer = kIds[layer];
    return edit;
  }

  // Applies a batch to both.
  void Step(int n) {
    std::vector<Edit> batch;
    for (int i = 0; i < n; ++i) batch.push_back(AnyEdit());
    const ApplyResult result = Applied(document_, batch);
    if (testing::Test::HasFailure()) return;
    for (int i = 0; i < n; ++i) {
      const EditCount want = models_[batch[i].layer == kIds[0] ? 0 : 1].Apply(batch[i]);
      const EditCount& got = result.counts[i];
      EXPECT_EQ(got.changed, want.changed) << "operation " << batch[i].op.index();
      EXPECT_EQ(got.unchanged, want.unchanged) << "operation " << batch[i].op.index();
      EXPECT_EQ(got.clipped, want.clipped) << "operation " << batch[i].op.index();
    }
    document_ = result.document;
    EXPECT_EQ(document_->CountVoxels(), models_[0].CountVoxels() + models_[1].CountVoxels());
  }

  void CheckWhereChanged(const std::array<Box, 2>& changed) {
    for (int i = 0; i < 2; ++i) {
      EXPECT_TRUE(Holds(*document_, i, models_[i].colors(), changed[i])) << "the voxels differ";
      for (const Snapshot& old : snapshots_) {
        EXPECT_TRUE(Holds(*old.document, i, old.colors[i], changed[i]))
            << "an old snapshot has changed";
      }
    }
  }
  bool HoldsAll(const Document& document, const Colors& colors) const {
    return Holds(document, 0, colors[0], edits_.arena()) &&
           Holds(document, 1, colors[1], edits_.arena());
  }

  void TakeSnapshot() {
    snapshots_.push_back({document_, ModelColors()});
    EXPECT_TRUE(HoldsAll(*document_, ModelColors())) << "the voxels differ";
    if (snapshots_.size() > 4) DropSnapshot();
  }
  void DropSnapshot() {
    const Snapshot& old = snapshots_.front();
    EXPECT_TRUE(HoldsAll(*old.document, old.colors)) << "an old snapshot has changed";
    snapshots_.pop_front();
  }

  // Whether a part of the arena has these colours in a layer; of the colours all are given.
  bool Holds(const Document& document, int layer, const std::vector<Color>& colors,
             const Box& part) const {
    std::vector<Color> got(static_cast<size_t>(part.Voxels()));
    document.layers[layer]->volume.ReadBox(part, got.data());
    constexpr int kSide = RandomEdits::kArenaSize;
    const Coord low = part.min - edits_.arena().min;
    const Color* row = got.data();
    for (int64_t z = 0; z < part.Size(2); ++z) {
      for (int64_t y = 0; y < part.Size(1); ++y, row += part.Size(0)) {
        const int64_t at = low.x + kSide * (low.y + y + kSide * (low.z + z));
        if (!std::equal(row, row + part.Size(0), colors.begin() + at)) return false;
      }
    }
    return true;
  }

  RandomEdits edits_;
  EditModel models_[2];  // of the layers, bottom first
  RefPtr<const Document> document_;
  std::deque<Snapshot> snapshots_;
};

TEST(EditModelTest, RandomEditsDoWhatTheModelDoes) {
  RunEpisodes(kEditTenths, Episode::kEdits, [](uint64_t seed) { Episode(seed).Run(); });
}

}  // namespace
}  // namespace voxel
