#include "daemon/config/config.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace voxeld {
namespace {

using testing::HasSubstr;

absl::StatusOr<CommandLine> Parse(std::vector<const char*> flags,
                                  const Environment& environment = {.runtime_dir = "/run/user/7"}) {
  flags.insert(flags.begin(), "voxeld");
  return ParseCommandLine(static_cast<int>(flags.size()), flags.data(), environment);
}

std::string ErrorOf(std::vector<const char*> flags, const Environment& environment = {}) {
  const auto line = Parse(std::move(flags), environment);
  return line.ok() ? "" : std::string(line.status().message());
}

TEST(ConfigTest, SocketGoesWhereTheEnvironmentSays) {
  EXPECT_EQ(Parse({})->config.socket_path, "/run/user/7/voxeld/voxeld.sock");
  EXPECT_EQ(Parse({}, {.runtime_dir = "", .root = true})->config.socket_path,
            "/run/voxeld/voxeld.sock");
  EXPECT_EQ(Parse({"--socket=/tmp/s"})->config.socket_path, "/tmp/s");
  EXPECT_THAT(ErrorOf({}), HasSubstr("set XDG_RUNTIME_DIR, or give --socket=PATH"));
}

TEST(ConfigTest, SizesTakeBinarySuffixes) {
  EXPECT_EQ(Parse({"--max-message-bytes=3MiB"})->config.max_message_bytes, 3 << 20);
  EXPECT_EQ(Parse({"--max-message-bytes", "2048"})->config.max_message_bytes, 2048);
  EXPECT_EQ(Parse({"--retained-bytes=2GiB"})->config.retained_bytes, int64_t{2} << 30);
}

TEST(ConfigTest, RefusalsNameFlagValueAndRange) {
  EXPECT_EQ(ErrorOf({"--socket=/s", "--max-batch=1000001"}),
            "--max-batch=1000001: not an integer in [1, 1000000]");
  EXPECT_EQ(ErrorOf({"--socket=/s", "--max-batch=9x"}),
            "--max-batch=9x: not an integer in [1, 1000000]");
  EXPECT_THAT(ErrorOf({"--socket=/s", "--max-message-bytes=9223372036854775807GiB"}),
              HasSubstr("or such a size in KiB, MiB or GiB"));
  EXPECT_THAT(ErrorOf({"--socket=/s", "--grace-period=2h"}), HasSubstr("not a time in [0, 1h]"));
  EXPECT_THAT(ErrorOf({"--nonsense"}), HasSubstr("--nonsense"));
}

TEST(ConfigTest, LimitsAreShownByTheirFlags) {
  const auto line = Parse({"--max-layers=12"});
  EXPECT_EQ(line->config.limits.at("max-layers"), 12);
  EXPECT_EQ(line->config.limits.at("max-batch"), 1024);
  EXPECT_FALSE(line->config.limits.contains("ready-fd"));
}

TEST(ConfigTest, TestCommitTakesDelayAndFailures) {
  const auto line = Parse({"--test-commit=delay_ms=5,fail_every=3"});
  ASSERT_TRUE(line->config.test_commit.has_value());
  EXPECT_EQ(line->config.test_commit->delay_ms, 5);
  EXPECT_EQ(line->config.test_commit->fail_every, 3);
  EXPECT_FALSE(line->config.test_commit->reason.has_value());
  EXPECT_EQ(Parse({"--test-commit=reason=STORE_FULL,delay_ms=1"})->config.test_commit->reason,
            voxel::Reason::STORE_FULL);
  EXPECT_THAT(ErrorOf({"--socket=/s", "--test-commit=fail_every=x"}), HasSubstr("fail_every=x"));
  EXPECT_THAT(ErrorOf({"--socket=/s", "--test-commit=reason=X"}), HasSubstr("reason=REASON"));
}

TEST(ConfigTest, RootsBecomeCanonical) {
  EXPECT_EQ(Parse({"--root=/usr/../usr/", "--root=/"})->config.roots,
            (std::vector<std::string>{"/usr", "/"}));
}

TEST(ConfigTest, HelpAndVersionPrintInsteadOfRunning) {
  EXPECT_THAT(Parse({"--help"}, {})->print, HasSubstr("--max-connections"));
  EXPECT_EQ(Parse({"--version"}, {})->print, "voxeld " + std::string(Version()) + "\n");
  EXPECT_EQ(Parse({})->print, "");
}

}  // namespace
}  // namespace voxeld
