// A bit that is wrong in a project's file, in SQLite's log beside it, or in the mark of its end, is
// found, or it is harmless: content, history and answers are what they were.
//
// Long run: VOXELD_BIT_FLIPS=10000. VOXELD_DISK_SEED for another session and other bits.
#include <cstdio>
#include <filesystem>
#include <iterator>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "daemon/disk/file_check.h"
#include "gtest/gtest.h"
#include "tests/daemon/disk/disk_session.h"
#include "tests/daemon/disk/fault_vfs.h"
#include "tests/daemon/disk/simulated_disk.h"
#include "tests/daemon/disk/temp_dirs.h"
#include "voxel/base/str_cat.h"

namespace voxeld {
namespace {

using voxel::StrCat;
using Files = SimulatedDisk::Files;

constexpr uint64_t kPageBits = 4096 * 8;
constexpr uint64_t kHeadBits = 64 * 8;

// A directory before it is damaged.
struct Sound {
  std::string what;
  Files files;
  Facts facts;
  std::map<std::string, std::string> digest;
};

class BitFlipTest : public testing::Test {
 protected:
  BitFlipTest() {
    SessionOptions long_history;
    long_history.steps = 120;
    long_history.registry.project.retained_revisions = 40;
    Run("of a long history", long_history, seed_);
    // One that leaves content that was folded, and checkpoints of revisions from before it.
    const std::vector<Sound> unfolded = sound_;
    for (uint64_t seed = seed_; !HasFolded(); ++seed) {
      sound_ = unfolded;
      Run("that folds", FoldingSession(120, 12), seed);
    }
  }

  using Random = SimulatedDisk::Random;

  bool HasFolded() const {
    return RowsIn(dirs_.dir("live"), "base") > 0 && RowsIn(dirs_.dir("live"), "kept") > 0;
  }

  void Run(const char* kind, const SessionOptions& options, uint64_t seed) {
    FaultVfs vfs;
    DiskSession session(&vfs, dirs_.Make("live"), seed, options);
    size_t killed_at = 0;
    session.Run([&] { killed_at = vfs.events(); });
    const std::vector<DiskEvent> log = vfs.TakeLog();
    SimulatedDisk disk;
    Random random(seed);
    for (size_t i = 0; i < log.size(); ++i) {
      disk.Apply(log[i], random);
      if (i + 1 == killed_at) Add(StrCat("killed in a session ", kind), disk, session.facts());
    }
    Add(StrCat("closed after a session ", kind), disk, session.facts());
  }

  void Add(const std::string& what, const SimulatedDisk& disk, const Facts& facts) {
    const Files files = disk.All();
    sound_.push_back({what, files, facts, Digest(dirs_.Write("image", files), facts)});
  }

  // What a check of the files of a data directory says that nobody has open.
  static size_t FindingsIn(const std::string& dir) {
    size_t findings = 0;
    for (const auto& entry : std::filesystem::directory_iterator(dir + "/projects")) {
      if (entry.path().extension() != ".voxels") continue;
      findings += CheckFile(entry.path(), {}, {}).value().findings.size();
    }
    return findings;
  }

  // Of one of the files; the log and the mark as often as the file itself.
  static std::string& AnyFile(Files& files, Random& random, std::string& name) {
    auto file = files.begin();
    std::advance(file, random() % files.size());
    name = file->first.substr(file->first.rfind('/') + 1);
    return file->second;
  }

  // Looks at a damaged directory; `what` was done to it.
  void Check(const Sound& sound, const Files& damaged, const std::string& what) {
    const std::string image = dirs_.Write("image", damaged);
    bool refused = false;
    const std::map<std::string, std::string> digest = Digest(image, sound.facts);
    ASSERT_EQ(digest.size(), sound.digest.size());
    for (const auto& [id, seen] : digest) {
      if (seen == sound.digest.at(id)) continue;
      refused = true;
      ASSERT_TRUE(seen == StrCat(kRefused, "STORE_DAMAGED") ||
                  seen == StrCat(kRefused, "FORMAT_UNSUPPORTED"))
          << Where(sound, what) << "\n"
          << seen << "\nin place of\n"
          << sound.digest.at(id);
    }
    ++(refused ? detected_ : harmless_);
    if (refused) {
      ASSERT_GT(FindingsIn(image), 0u) << Where(sound, what);
      return;
    }
    // What was harmless to read stays so when the file is written to again, or is found then.
    const std::string wrong = Disagreement(image, sound.facts, 0);
    if (!wrong.empty()) {
      ++found_later_;
      ASSERT_TRUE(absl::StrContains(wrong, "STORE_DAMAGED")) << Where(sound, what) << "\n" << wrong;
      return;
    }
    for (const auto& [id, seen] : Digest(image, sound.facts)) {
      if (seen == StrCat(kRefused, "STORE_DAMAGED")) {
        ++found_later_;
        continue;
      }
      ASSERT_EQ(Missing(sound.digest.at(id), seen), "") << Where(sound, what) << "\n" << seen;
    }
  }

  // The first line of a digest that another one lacks, which was made after one edit more: only how
  // far undo reaches, its last line, may differ.
  static std::string Missing(const std::string& before, const std::string& after) {
    std::vector<std::string> lines = absl::StrSplit(before, '\n', absl::SkipEmpty());
    lines.pop_back();
    for (const std::string& line : lines) {
      if (!absl::StrContains(after, line + "\n")) return line;
    }
    return "";
  }

  std::string Where(const Sound& sound, const std::string& what) const {
    return StrCat(what, " (", sound.what, ", VOXELD_DISK_SEED=", seed_, "): see ", dirs_.Keep());
  }

  void Report(const char* what) {
    std::printf("%s: %d found at once, %d harmless, %d of these found when written to\n", what,
                detected_, harmless_, found_later_);
    EXPECT_GT(detected_, 0);
  }

  const uint64_t seed_ = static_cast<uint64_t>(FromEnvironment("VOXELD_DISK_SEED", 1));
  const TempDirs dirs_;
  std::vector<Sound> sound_;
  int detected_ = 0, harmless_ = 0, found_later_ = 0;
};

TEST_F(BitFlipTest, EveryFlippedBitIsFoundOrHarmless) {
  Random random(seed_);
  const int64_t flips = FromEnvironment("VOXELD_BIT_FLIPS", 200);
  for (int64_t i = 0; i < flips; ++i) {
    const Sound& sound = sound_[random() % sound_.size()];
    Files damaged = sound.files;
    std::string name;
    std::string& content = AnyFile(damaged, random, name);
    if (content.empty()) continue;
    uint64_t bit = random() % (content.size() * 8);
    // Every other one where a page tells what it holds.
    if (i % 2 == 0) bit = bit / kPageBits * kPageBits + bit % kHeadBits;
    if (bit >= content.size() * 8) continue;
    content[bit / 8] = static_cast<char>(content[bit / 8] ^ (1 << bit % 8));
    ASSERT_NO_FATAL_FAILURE(Check(sound, damaged, StrCat("flip ", i, ": bit ", bit, " of ", name)));
  }
  Report("bits flipped");
}

TEST_F(BitFlipTest, EverySectorOfZerosIsFoundOrHarmless) {
  Random random(seed_);
  const int64_t sectors = FromEnvironment("VOXELD_BIT_FLIPS", 200) / 4;
  for (int64_t i = 0; i < sectors; ++i) {
    const Sound& sound = sound_[random() % sound_.size()];
    Files damaged = sound.files;
    std::string name;
    std::string& content = AnyFile(damaged, random, name);
    const uint64_t sector = random() % (content.size() / 512 + 1);
    for (size_t at = sector * 512; at < content.size() && at < sector * 512 + 512; ++at) {
      content[at] = 0;
    }
    ASSERT_NO_FATAL_FAILURE(
        Check(sound, damaged, StrCat("loss ", i, ": sector ", sector, " of ", name)));
  }
  Report("sectors lost");
}

}  // namespace
}  // namespace voxeld
