#include "daemon/stats/log.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace voxeld {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;

class LogTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(pipe2(ends_, O_NONBLOCK), 0);
    fcntl(ends_[1], F_SETPIPE_SZ, 1 << 20);
  }
  void TearDown() override {
    close(ends_[0]);
    close(ends_[1]);
  }
  int fd() const { return ends_[1]; }
  std::string Written() {
    std::string text(1 << 20, '\0');
    const ssize_t size = read(ends_[0], text.data(), text.size());
    text.resize(size > 0 ? static_cast<size_t>(size) : 0);
    return text;
  }

 private:
  int ends_[2];
};

TEST_F(LogTest, ALineHasTimeLevelAndMessage) {
  Log(fd(), Severity::kInfo).Warning("the disk is full");
  EXPECT_THAT(Written(), MatchesRegex("....-..-..T..:..:..\\....Z WARN  the disk is full\n"));
}

TEST_F(LogTest, LowerLevelsAreLeftOut) {
  const Log log(fd(), Severity::kWarning);
  log.Info("quiet");
  log.Error("loud");
  EXPECT_THAT(Written(), testing::AllOf(HasSubstr("loud"), Not(HasSubstr("quiet"))));
}

TEST_F(LogTest, AMessageCannotForgeALine) {
  Log(fd(), Severity::kInfo).Info("a\nERROR b\x7f");
  EXPECT_THAT(Written(), HasSubstr("a\\x0aERROR b\\x7f\n"));
}

TEST_F(LogTest, AFloodOfInformationIsCutAndErrorsAreNot) {
  const Log log(fd(), Severity::kInfo, /*lines_per_second=*/10);
  for (int i = 0; i < 1000; ++i) log.Info("line " + std::to_string(i));
  log.Error("broken");
  const std::string text = Written();
  // The flood may straddle one second's end.
  EXPECT_LE(std::count(text.begin(), text.end(), '\n'), 21);
  EXPECT_THAT(text, HasSubstr("broken lines_left_out=9"));
}

TEST_F(LogTest, LinesThatDifferByNumbersOnlyAreAlike) {
  const Log log(fd(), Severity::kInfo);
  for (int i = 0; i < 100; ++i) log.Error("disk full", {{"path", "/a"}, {"bytes", int64_t{i}}});
  log.Error("disk full", {{"path", "/b"}, {"bytes", int64_t{100}}});
  const std::string text = Written();
  EXPECT_LE(std::count(text.begin(), text.end(), '\n'), 11);  // perhaps of two windows
  EXPECT_THAT(text, HasSubstr("path=/b bytes=100\n"));
}

TEST_F(LogTest, TheLevelMayChange) {
  Log log(fd(), Severity::kError);
  log.Info("before");
  log.set_least(Severity::kDebug);
  log.Debug("after");
  EXPECT_THAT(Written(), testing::AllOf(HasSubstr("DEBUG after"), Not(HasSubstr("before"))));
}

}  // namespace
}  // namespace voxeld
