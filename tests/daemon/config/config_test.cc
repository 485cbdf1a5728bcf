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
  EXPECT_EQ(Parse({})->config.socket, "/run/user/7/voxeld/voxeld.sock");
  EXPECT_EQ(Parse({}, {.runtime_dir = "", .root = true})->config.socket, "/run/voxeld/voxeld.sock");
  EXPECT_EQ(Parse({"--socket=/tmp/s"})->config.socket, "/tmp/s");
  EXPECT_THAT(ErrorOf({}), HasSubstr("set XDG_RUNTIME_DIR, or give --socket=PATH"));
}

TEST(ConfigTest, SizesTakeBinarySuffixes) {
  EXPECT_EQ(Parse({"--max-message-bytes=3MiB"})->config.max_message_bytes, 3 << 20);
  EXPECT_EQ(Parse({"--max-message-bytes", "2048"})->config.max_message_bytes, 2048);
  EXPECT_EQ(Parse({"--retained-bytes=2GiB"})->config.retained_bytes, int64_t{2} << 30);
  EXPECT_EQ(Parse({"--retained-bytes=64 MiB"})->config.retained_bytes, int64_t{64} << 20);
  EXPECT_EQ(Parse({"--max-memory=1 TiB"})->config.max_memory, int64_t{1} << 40);
  EXPECT_EQ(Parse({"--grace-period=5 s"})->config.grace_period, absl::Seconds(5));
}

TEST(ConfigTest, RefusalsNameFlagValueAndRange) {
  EXPECT_EQ(ErrorOf({"--socket=/s", "--max-batch=1000001"}),
            "--max-batch=1000001: not an integer in [1, 1000000]");
  EXPECT_EQ(ErrorOf({"--socket=/s", "--max-batch=9x"}),
            "--max-batch=9x: not an integer in [1, 1000000]");
  EXPECT_THAT(ErrorOf({"--socket=/s", "--max-message-bytes=9223372036854775807GiB"}),
              HasSubstr("not a size in [1 KiB, 1 GiB], such as 65536 or 64KiB"));
  EXPECT_EQ(ErrorOf({"--socket=/s", "--grace-period=2h"}),
            "--grace-period=2h: not a time in [0 s, 1 h], such as 500ms, 10s or 2m");
  EXPECT_EQ(ErrorOf({"--socket=/s", "--log-level=loud"}),
            "--log-level=loud: not one of debug, info, warning, error");
  EXPECT_THAT(ErrorOf({"--socket=/s", "--worker-cpus=3-1"}),
              HasSubstr("--worker-cpus=3-1: not a list of processors"));
  EXPECT_THAT(ErrorOf({"--nonsense"}), HasSubstr("--nonsense"));
}

TEST(ConfigTest, AMistypedFlagIsToldTheNearest) {
  EXPECT_EQ(ErrorOf({"--socket=/s", "--max-bacth=3"}),
            "--max-bacth=3: no such option; did you mean --max-batch?");
  EXPECT_EQ(ErrorOf({"--socket=/s", "--zzz"}), "--zzz: no such option; voxeld --help lists them");
  EXPECT_EQ(ErrorOf({"--socket=/s", "serve"}), "serve: no such option; voxeld --help lists them");
}

TEST(ConfigTest, APartMustNotBeMoreThanItsWhole) {
  EXPECT_EQ(ErrorOf({"--socket=/s", "--workers-min=20"}),
            "--workers-min=20 is more than --workers-max=16");
  EXPECT_EQ(ErrorOf({"--socket=/s", "--hard-output-bytes=2MiB"}),
            "--soft-output-bytes=8 MiB is more than --hard-output-bytes=2 MiB");
  EXPECT_EQ(ErrorOf({"--socket=/s", "--resp-soft-output-bytes=64MiB"}),
            "--resp-soft-output-bytes=64 MiB is more than --resp-hard-output-bytes=32 MiB");
}

TEST(ConfigTest, VariablesGoBeforeDefaultsAndFlagsBeforeVariables) {
  Environment environment{.runtime_dir = "/run/user/7"};
  environment.variables = {{"VOXELD_MAX_BATCH", "7"},
                           {"VOXELD_MAX_EDITS", "8"},
                           {"VOXELD_ROOT", "/usr,/"},
                           {"VOXELD_SERVICE_HOST", "10.0.0.1"}};
  const auto line = Parse({"--max-edits=9"}, environment);
  ASSERT_TRUE(line.ok()) << line.status();
  EXPECT_EQ(line->config.max_batch, 7);
  EXPECT_EQ(line->config.max_edits, 9);
  EXPECT_EQ(line->config.root, (std::vector<std::string>{"/usr", "/"}));
  EXPECT_THAT(line->config.remarks,
              testing::ElementsAre("the variable VOXELD_SERVICE_HOST is no option"));
}

TEST(ConfigTest, WhatAllVariablesBeginWithMakesNoTwoAlike) {
  Environment environment{.runtime_dir = "/run/user/7"};
  environment.variables = {{"VOXELD_BUILD", "/build"}};  // not VOXELD_IO
  EXPECT_TRUE(Parse({}, environment).ok());
}

TEST(ConfigTest, VariablesAreCheckedByName) {
  Environment environment{.runtime_dir = "/run/user/7"};
  environment.variables = {{"VOXELD_MAX_BATCH", "many"}};
  EXPECT_EQ(ErrorOf({}, environment), "VOXELD_MAX_BATCH=many: not an integer in [1, 1000000]");
  environment.variables = {{"VOXELD_MAX_BACTH", "7"}};
  EXPECT_EQ(ErrorOf({}, environment),
            "VOXELD_MAX_BACTH=7: no such option; did you mean VOXELD_MAX_BATCH?");
  environment.variables = {{"VOXELD_SOCKET", "localhost:50051"}};
  EXPECT_THAT(ErrorOf({}, environment), HasSubstr("VOXELD_SOCKET=localhost:50051: not a path"));
  environment.variables = {{"VOXELD_SOCKET", "unix:/run/s"}};
  EXPECT_EQ(Parse({}, environment)->config.socket, "/run/s");
}

TEST(ConfigTest, ReloadingTakesWhatItMayAndNamesTheRest) {
  Config config = Parse({})->config;
  const Config news = Parse({"--log-level=debug", "--max-batch=5", "--root=/usr"})->config;
  std::vector<std::string> ignored;
  TakeReloaded(news, &config, &ignored);
  EXPECT_EQ(config.log_level, "debug");
  EXPECT_EQ(config.max_batch, 1024);
  EXPECT_THAT(ignored, testing::ElementsAre("--max-batch", "--root"));
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
  EXPECT_EQ(Parse({"--root=/usr/../usr/", "--root=/"})->config.root,
            (std::vector<std::string>{"/usr", "/"}));
}

TEST(ConfigTest, HelpAndVersionPrintInsteadOfRunning) {
  EXPECT_THAT(Parse({"--help"}, {})->print, HasSubstr("--max-connections"));
  EXPECT_EQ(Parse({"--version"}, {})->print, "voxeld " + std::string(Version()) + "\n");
  EXPECT_EQ(Parse({})->print, "");
}

}  // namespace
}  // namespace voxeld
