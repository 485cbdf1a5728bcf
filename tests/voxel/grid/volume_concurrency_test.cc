// Readers on published volumes while a writer edits, commits and drops old ones: what
// ThreadSanitizer looks at.

#include <atomic>
#include <deque>
#include <thread>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "gtest/gtest.h"
#include "tests/voxel/grid/test_kernels.h"
#include "voxel/grid/diff.h"
#include "voxel/grid/volume_editor.h"

namespace voxel {
namespace {

// Every published volume holds exactly kVoxels voxels, whatever the writer has moved around.
constexpr int64_t kVoxels = 20 * 20 * 20;

class Published {
 public:
  Volume Get() const {
    absl::MutexLock lock(&mu_);
    return volume_;
  }
  void Set(Volume volume) {
    absl::MutexLock lock(&mu_);
    std::swap(volume_, volume);
  }

 private:
  mutable absl::Mutex mu_;
  Volume volume_ ABSL_GUARDED_BY(mu_);
};

TEST(VolumeConcurrencyTest, ReadersSeeWholeVolumesWhileTheWriterGoesOn) {
  VolumeEditor first{Volume()};
  FillBox(first, {{0, 0, 0}, {20, 20, 20}}, Rgba(1, 1, 1));
  Published published;
  published.Set(first.Commit());
  std::atomic<bool> done{false};
  std::atomic<int64_t> reads{0};
  std::vector<std::thread> readers;
  for (int t = 0; t < 3; ++t) {
    readers.emplace_back([&] {
      Volume last = published.Get();
      while (!done.load()) {
        const Volume now = published.Get();
        ASSERT_EQ(now.CountVoxels(), kVoxels);
        int64_t seen = 0;
        now.ForEachCell(kWorld, [&](const Cell& cell) {
          seen += cell.brick != nullptr ? BrickCount(cell.brick) : cell.box().Voxels();
          return true;
        });
        ASSERT_EQ(seen, kVoxels);
        const VolumeDiff diff = Diff(last, now);
        ASSERT_EQ(diff.added, diff.removed);
        ASSERT_EQ(now.ContentHash(), Volume(now).ContentHash());
        ASSERT_FALSE(now.Bounds().empty());
        last = now;
        reads.fetch_add(1);
      }
    });
  }
  std::deque<Volume> history;
  Coord at{0, 0, 0};
  for (int i = 0; i < 400 || reads.load() < 50; ++i) {
    VolumeEditor editor(published.Get());
    const Coord to{i * 37 % 500 - 250, i * 11 % 90, i % 60};
    FillBox(editor, {at, at + Coord{20, 20, 20}}, kAir);
    FillBox(editor, {to, to + Coord{20, 20, 20}}, Rgba(i & 255, 1, 1));
    editor.Set(to, Rgba(7, i & 255, 7));
    at = to;
    published.Set(editor.Commit());
    history.push_back(published.Get());
    if (history.size() > 16) history.pop_front();
  }
  done.store(true);
  for (std::thread& reader : readers) reader.join();
}

TEST(VolumeConcurrencyTest, HashAndBoundsMayBeAskedForTheFirstTimeByMany) {
  for (int round = 0; round < 20; ++round) {
    VolumeEditor editor{Volume()};
    FillBox(editor, {{0, 0, 0}, {90, 90, 90 + round}}, Rgba(2, 2, 2));
    const Volume volume = editor.Commit();
    std::vector<uint64_t> hashes(4);
    std::vector<Box> bounds(4);
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&, t] {
        hashes[t] = volume.ContentHash();
        bounds[t] = volume.Bounds();
      });
    }
    for (std::thread& thread : threads) thread.join();
    for (int t = 1; t < 4; ++t) {
      EXPECT_EQ(hashes[t], hashes[0]);
      EXPECT_EQ(bounds[t], bounds[0]);
    }
  }
}

}  // namespace
}  // namespace voxel
