// Readers on published volumes while a writer edits, commits and drops old ones: what
// ThreadSanitizer looks at.

#include <atomic>
#include <cstdint>
#include <deque>
#include <thread>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "gtest/gtest.h"
#include "tests/voxel/grid/test_kernels.h"
#include "voxel/grid/diff.h"
#include "voxel/grid/set_places.h"
#include "voxel/grid/volume_editor.h"

namespace voxel {
namespace {

// Every published volume holds exactly kVoxels voxels, whatever the writer has moved around.
constexpr int64_t kVoxels = 20 * 20 * 20;

// Of every voxel, read one by one: nothing that the volume itself keeps.
uint64_t Checksum(const Volume& volume) {
  uint64_t sum = 14695981039346656037u;
  DenseBrick colors;
  volume.ForEachCell(kWorld, [&](const Cell& cell) {
    for (const int32_t part : {cell.min.x, cell.min.y, cell.min.z, cell.size}) {
      sum = (sum ^ static_cast<uint32_t>(part)) * 1099511628211u;
    }
    if (cell.brick == nullptr) {
      sum = (sum ^ cell.color) * 1099511628211u;
      return true;
    }
    BrickDecode(cell.brick, colors);
    for (const Color color : colors) sum = (sum ^ color) * 1099511628211u;
    return true;
  });
  return sum;
}

// A volume and what the writer knows it holds.
struct Revision {
  Volume volume;
  uint64_t checksum = 0;
};

class Published {
 public:
  Revision Get() const {
    absl::MutexLock lock(&mu_);
    return revision_;
  }
  void Set(Volume volume) {
    Revision next{volume, Checksum(volume)};
    absl::MutexLock lock(&mu_);
    std::swap(revision_, next);
  }

 private:
  mutable absl::Mutex mu_;
  Revision revision_ ABSL_GUARDED_BY(mu_);
};

TEST(VolumeConcurrencyTest, ReadersSeeWholeVolumesWhileTheWriterGoesOn) {
  VolumeEditor first{Volume()};
  FillBox(first, {{0, 0, 0}, {20, 20, 20}}, Rgba(1, 1, 1));
  Published published;
  published.Set(first.Commit());
  std::atomic<bool> done{false};
  std::atomic<int64_t> reads{0};
  std::vector<std::thread> readers;
  readers.reserve(3);
  for (int t = 0; t < 3; ++t) {
    readers.emplace_back([&] {
      Revision held = published.Get();
      while (!done.load()) {
        const Revision revision = published.Get();
        const Volume& now = revision.volume;
        const Volume& last = held.volume;
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
        // The writer has gone on and may have dropped both.
        ASSERT_EQ(Checksum(now), revision.checksum);
        ASSERT_EQ(Checksum(last), held.checksum);
        held = revision;
        reads.fetch_add(1);
      }
    });
  }
  std::deque<Volume> history;
  Coord at{0, 0, 0};
  for (int i = 0; i < 400 || reads.load() < 50; ++i) {
    VolumeEditor editor(published.Get().volume);
    const Coord to{i * 37 % 500 - 250, i * 11 % 90, i % 60};
    FillBox(editor, {at, at + Coord{20, 20, 20}}, kAir);
    FillBox(editor, {to, to + Coord{20, 20, 20}}, Rgba(i & 255, 1, 1));
    editor.Set(to, Rgba(7, i & 255, 7));
    at = to;
    published.Set(editor.Commit());
    history.push_back(published.Get().volume);
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
    threads.reserve(4);
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

// What edits touch: so many places of which each lies in a brick of its own, or a region.
struct Apart {
  const char* name;
  int places;
  int32_t distance;

  Coord At(int n) const {
    const int i = n * 7 % places;
    return {(i & 3) * distance, (i >> 2 & 3) * distance, (i >> 4) * distance};
  }
};

class ManyThreadsTest : public testing::TestWithParam<Apart> {};

INSTANTIATE_TEST_SUITE_P(VolumeConcurrency, ManyThreadsTest,
                         testing::Values(Apart{"Bricks", 64, 16}, Apart{"Regions", 10, 1024},
                                         Apart{"ManyRegions", 100, 1024}),
                         [](const auto& test) { return test.param.name; });

// Each thread goes its own way from volumes that all of them hold, and they end wherever.
TEST_P(ManyThreadsTest, VolumesMadeOfEachOtherEndOnAnyOfThem) {
  const Apart& apart = GetParam();
  VolumeEditor first{Volume()};
  for (int n = 0; n < apart.places; ++n) {
    FillBox(first, {apart.At(n), apart.At(n) + Coord{15, 15, 15}}, Rgba(1, 1, 1));
  }
  Published published;
  published.Set(first.Commit());
  const auto edit = [&](const Volume& base, int n) {
    const Coord place = apart.At(n) + Coord{n % 15, n * 5 % 15, n * 3 % 15};
    const Color color = Rgba(n & 255, 2, 2);
    return SetPlaces(base, {&place, 1}, {&color, 1}).volume;
  };
  std::atomic<bool> done{false};
  std::vector<std::thread> others;
  others.reserve(3);
  for (int t = 0; t < 3; ++t) {
    others.emplace_back([&, t] {
      for (int n = t; !done.load(); ++n) {
        std::deque<Volume> own = {published.Get().volume};
        for (int i = 0; i < 20; ++i) {
          own.push_back(edit(own.back(), n + i));
          if (i % 3 == 0) own.pop_front();
        }
        const uint64_t last = Checksum(own.back());
        while (own.size() > 1) own.pop_front();
        ASSERT_EQ(Checksum(own.back()), last);
      }
    });
  }
  std::deque<Volume> history;
  for (int n = 0; n < 200; ++n) {
    published.Set(edit(published.Get().volume, n));
    history.push_back(published.Get().volume);
    if (history.size() > 16) history.pop_front();
  }
  done.store(true);
  for (std::thread& other : others) other.join();
  const Revision end = published.Get();
  EXPECT_EQ(Checksum(end.volume), end.checksum);
}

}  // namespace
}  // namespace voxel
