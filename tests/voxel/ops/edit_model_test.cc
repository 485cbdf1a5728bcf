// Whole edits, at random, against the model: same counts after each, same voxels, and old snapshots
// stay what they were.
// VOXELD_MODEL_OPS says how many (the sanitizer run of the release check takes 1,000,000),
// VOXELD_MODEL_SEED where to start.
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "tests/voxel/ops/edit_fixture.h"
#include "tests/voxel/ops/edit_model.h"
#include "tests/voxel/ops/random_edits.h"
#include "voxel/base/parallel_for.h"

namespace voxel {
namespace {

int64_t FromEnvironment(const char* name, int64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::atoll(text);
}

constexpr int kEditsPerEpisode = 400;
constexpr int kEditsPerCheck = 40;

// One document and its model, from empty.
class Episode {
 public:
  explicit Episode(uint64_t seed) : edits_(seed, RandomEdits::AnyArena(seed)) {}

  // False at the first difference.
  bool Run(int edits) {
    for (int i = 0; i < edits;) i += Step(std::min(edits - i, 1 + edits_.Below(3)));
    Check();
    for (const Kept& kept : kept_) {
      EXPECT_TRUE(Read(*kept.document) == kept.colors) << "an old snapshot has changed";
    }
    return !testing::Test::HasFailure();
  }

 private:
  struct Kept {
    RefPtr<const Document> document;
    std::vector<Color> colors;
  };

  // The arena, x fastest.
  std::vector<Color> Read(const Document& document) const {
    std::vector<Color> colors(static_cast<size_t>(edits_.arena().Voxels()));
    document.layers[0]->volume.ReadBox(edits_.arena(), colors.data());
    return colors;
  }
  std::vector<Color> ReadModel() const {
    constexpr size_t kSide = RandomEdits::kArenaSize;
    std::vector<Color> colors(kSide * kSide * kSide);
    for (const auto& [c, color] : model_.voxels()) {
      const Coord at = c - edits_.arena().min;
      colors[at.x + kSide * (at.y + kSide * at.z)] = color;
    }
    return colors;
  }

  // Applies a batch and returns its length.
  int Step(int n) {
    std::vector<Edit> batch;
    for (int i = 0; i < n; ++i) batch.push_back(edits_.Next());
    const RefPtr<const Document> before = document_;
    const ApplyResult result = Applied(document_, batch);
    if (testing::Test::HasFailure()) return n;
    for (int i = 0; i < n; ++i) {
      const EditCount want = model_.Apply(batch[i]);
      const EditCount& got = result.counts[i];
      EXPECT_EQ(got.changed, want.changed) << "operation " << batch[i].op.index();
      EXPECT_EQ(got.unchanged, want.unchanged) << "operation " << batch[i].op.index();
      EXPECT_EQ(got.clipped, want.clipped) << "operation " << batch[i].op.index();
    }
    document_ = result.document;
    EXPECT_EQ(document_->CountVoxels(), static_cast<int64_t>(model_.voxels().size()));
    since_check_ += n;
    if (since_check_ >= kEditsPerCheck) Check();
    return n;
  }

  void Check() {
    since_check_ = 0;
    std::vector<Color> colors = Read(*document_);
    EXPECT_TRUE(colors == ReadModel()) << "the voxels differ";
    if (edits_.OneIn(3)) kept_.push_back({document_, std::move(colors)});
  }

  RandomEdits edits_;
  EditModel model_;
  RefPtr<const Document> document_ = OneLayer();
  std::vector<Kept> kept_;
  int since_check_ = 0;
};

TEST(EditModelTest, RandomEditsDoWhatTheModelDoes) {
  const int64_t total = FromEnvironment("VOXELD_MODEL_OPS", 20'000);
  const int64_t seed = FromEnvironment("VOXELD_MODEL_SEED", 1);
  const auto episodes = static_cast<int>((total + kEditsPerEpisode - 1) / kEditsPerEpisode);
  // Episodes share nothing, so all processors work.
  ParallelFor(static_cast<int>(std::thread::hardware_concurrency()), episodes, [seed](int i) {
    if (testing::Test::HasFailure()) return;
    EXPECT_TRUE(Episode(static_cast<uint64_t>(seed + i)).Run(kEditsPerEpisode))
        << "VOXELD_MODEL_SEED=" << seed + i;
  });
}

}  // namespace
}  // namespace voxel
