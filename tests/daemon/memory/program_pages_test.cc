#include "daemon/memory/program_pages.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>

namespace voxeld {
namespace {

// Resident pages of files, in kB.
int64_t FilePagesKb() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("RssFile:")) return std::stoll(line.substr(8));
  }
  return -1;
}

TEST(ProgramPagesTest, GoAndComeBackAsTheyAreNeeded) {
  const int64_t before = FilePagesKb();
  ASSERT_GT(before, 0);
  UnmapProgramPages();
  const int64_t after = FilePagesKb();
  // Reading this needed some of them again.
  EXPECT_GT(after, 0);
  EXPECT_LT(after, before);
}

}  // namespace
}  // namespace voxeld
