// For tests of what comes back: a data directory that goes with the test.
#pragma once

#include <filesystem>
#include <string>

#include "gtest/gtest.h"
#include "tests/daemon/disk/kept.h"

namespace voxeld {

inline WriteOptions RequestOfAnn(const std::string& id, uint64_t hash = 7) {
  WriteOptions options;
  options.actor = "ann";
  options.request_id = id;
  options.request_hash = hash;
  return options;
}

// The project's file in a data directory; empty: it has none.
inline std::filesystem::path FileIn(const std::string& dir, const std::string& id) {
  for (const auto& entry : std::filesystem::directory_iterator(dir + "/projects")) {
    const std::string name = entry.path().filename();
    if (name.starts_with(id + ".") && name.ends_with(".voxels")) return entry.path();
  }
  return {};
}

class KeptTest : public testing::Test {
 protected:
  KeptTest() {
    std::string name = testing::TempDir() + "disk_store_XXXXXX";
    dir_ = mkdtemp(name.data());
  }
  ~KeptTest() override { std::filesystem::remove_all(dir_); }

  std::filesystem::path FileOf(const std::string& id) { return FileIn(dir_, id); }

  std::string dir_;
};

inline absl::Status Keep(const Outcome& outcome) {
  EXPECT_TRUE(outcome.status.ok()) << outcome.status;
  return Await(outcome.ticket);
}

}  // namespace voxeld
