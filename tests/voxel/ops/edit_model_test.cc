// Whole edits, at random, against the model. After each batch: the same counts, the same voxels
// wherever it changed some, and every live old snapshot as it was there. A snapshot is compared in
// full when it is taken and when it is dropped. tests/voxel/grid/model_run.h says how many edits.
#include <algorithm>
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

// One document and its model, from empty.
class Episode {
 public:
  static constexpr int kEdits = 400;

  explicit Episode(uint64_t seed)
      : edits_(seed, RandomEdits::AnyArena(seed)), model_(edits_.arena()) {}

  // Returns at the first difference.
  void Run() {
    for (int i = 0; i < kEdits && !testing::Test::HasFailure();) {
      const int n = std::min(kEdits - i, 1 + edits_.Below(3));
      SCOPED_TRACE(i);
      Step(n);
      CheckWhereChanged(model_.TakeChanged());
      if (edits_.OneIn(kStepsPerSnapshot)) TakeSnapshot();
      i += n;
    }
    TakeSnapshot();
    while (!snapshots_.empty()) DropSnapshot();
  }

 private:
  static constexpr int kStepsPerSnapshot = 20;

  struct Snapshot {
    RefPtr<const Document> document;
    std::vector<Color> colors;  // the arena, x fastest
  };

  // Applies a batch to both.
  void Step(int n) {
    std::vector<Edit> batch;
    for (int i = 0; i < n; ++i) batch.push_back(edits_.Next());
    const ApplyResult result = Applied(document_, batch);
    if (testing::Test::HasFailure()) return;
    for (int i = 0; i < n; ++i) {
      const EditCount want = model_.Apply(batch[i]);
      const EditCount& got = result.counts[i];
      EXPECT_EQ(got.changed, want.changed) << "operation " << batch[i].op.index();
      EXPECT_EQ(got.unchanged, want.unchanged) << "operation " << batch[i].op.index();
      EXPECT_EQ(got.clipped, want.clipped) << "operation " << batch[i].op.index();
    }
    document_ = result.document;
    EXPECT_EQ(document_->CountVoxels(), model_.CountVoxels());
  }

  void CheckWhereChanged(const Box& changed) {
    EXPECT_TRUE(Holds(*document_, model_.colors(), changed)) << "the voxels differ";
    for (const Snapshot& old : snapshots_) {
      EXPECT_TRUE(Holds(*old.document, old.colors, changed)) << "an old snapshot has changed";
    }
  }

  void TakeSnapshot() {
    snapshots_.push_back({document_, model_.colors()});
    EXPECT_TRUE(Holds(*document_, model_.colors(), edits_.arena())) << "the voxels differ";
    if (snapshots_.size() > 4) DropSnapshot();
  }
  void DropSnapshot() {
    const Snapshot& old = snapshots_.front();
    EXPECT_TRUE(Holds(*old.document, old.colors, edits_.arena())) << "an old snapshot has changed";
    snapshots_.pop_front();
  }

  // Whether a part of the arena has these colours; of the colours all are given.
  bool Holds(const Document& document, const std::vector<Color>& colors, const Box& part) const {
    std::vector<Color> got(static_cast<size_t>(part.Voxels()));
    document.layers[0]->volume.ReadBox(part, got.data());
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
  EditModel model_;
  RefPtr<const Document> document_ = OneLayer();
  std::deque<Snapshot> snapshots_;
};

TEST(EditModelTest, RandomEditsDoWhatTheModelDoes) {
  RunEpisodes(kEditTenths, Episode::kEdits, [](uint64_t seed) { Episode(seed).Run(); });
}

}  // namespace
}  // namespace voxel
