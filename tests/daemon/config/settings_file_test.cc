#include "daemon/config/settings_file.h"

#include <stdlib.h>
#include <unistd.h>

#include <fstream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace voxeld {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class SettingsFileTest : public testing::Test {
 protected:
  SettingsFileTest() {
    char name[] = "/tmp/voxeld-config-XXXXXX";
    close(mkstemp(name));
    path_ = name;
  }
  ~SettingsFileTest() override { unlink(path_.c_str()); }

  absl::StatusOr<CommandLine> Parse(const std::string& file, std::vector<std::string> flags = {},
                                    Environment environment = {.runtime_dir = "/run/user/7"}) {
    std::ofstream(path_) << file;
    flags.insert(flags.begin(), {"voxeld", "--config=" + path_});
    std::vector<const char*> argv;
    for (const std::string& flag : flags) argv.push_back(flag.c_str());
    return ParseCommandLine(static_cast<int>(argv.size()), argv.data(), environment);
  }
  // Without the file's name.
  std::string ErrorOf(const std::string& file) {
    const auto line = Parse(file);
    if (line.ok()) return "";
    const std::string message(line.status().message());
    EXPECT_THAT(message, StartsWith(path_));
    return message.substr(path_.size());
  }

  std::string path_;
};

TEST_F(SettingsFileTest, ValuesAreNumbersTextsAndLists) {
  const auto line = Parse(R"(
[json]
max-batch = 7
[limits]
max-message-bytes = "64 MiB"
max-upload-bytes = 4096
[process]
grace-period = "5 s"
[store]
root = ["/usr", "/"]
data-dir = "projects"
)");
  ASSERT_TRUE(line.ok()) << line.status();
  EXPECT_EQ(line->config.max_batch, 7);
  EXPECT_EQ(line->config.max_message_bytes, 64 << 20);
  EXPECT_EQ(line->config.max_upload_bytes, 4096);
  EXPECT_EQ(line->config.grace_period, absl::Seconds(5));
  EXPECT_EQ(line->config.root, (std::vector<std::string>{"/usr", "/"}));
  EXPECT_EQ(line->config.data_dir, "projects");
}

TEST_F(SettingsFileTest, VariablesAndFlagsGoBeforeTheFile) {
  Environment environment{.runtime_dir = "/run/user/7"};
  environment.variables = {{"VOXELD_MAX_EDITS", "20"}, {"VOXELD_MAX_LAYERS", "20"}};
  const auto line =
      Parse("[limits]\nmax-edits = 10\nmax-layers = 10\nmax-projects = 10\n[store]\nroot=\"/usr\"",
            {"--max-layers=30", "--root=/"}, environment);
  ASSERT_TRUE(line.ok()) << line.status();
  EXPECT_EQ(line->config.max_projects, 10);
  EXPECT_EQ(line->config.max_edits, 20);
  EXPECT_EQ(line->config.max_layers, 30);
  EXPECT_EQ(line->config.root, (std::vector<std::string>{"/"}));
}

TEST_F(SettingsFileTest, UnknownKeysNameLineColumnAndTheNearest) {
  EXPECT_EQ(ErrorOf("[json]\n  max-bacth = 7\n"),
            ":2:3: json.max-bacth: no such option; did you mean json.max-batch?");
  EXPECT_EQ(ErrorOf("\n[limits]\nmax-batch = 7\n"),
            ":3:1: limits.max-batch: no such option; did you mean json.max-batch?");
  EXPECT_EQ(ErrorOf("max-batch = 7\n"),
            ":1:1: max-batch: no such option; did you mean json.max-batch?");
  EXPECT_EQ(ErrorOf("[json]\nmax-batch = 7\n[colours]\nnumber-of-them = 3\n"),
            ":4:1: colours.number-of-them: no such option; voxeld --print-config lists them");
  EXPECT_THAT(ErrorOf("[colours]\n"), HasSubstr("colours: no such option"));
}

TEST_F(SettingsFileTest, WrongValuesNameLineColumnAndWhatIsAccepted) {
  EXPECT_EQ(ErrorOf("[json]\nmax-batch = 0\n"),
            ":2:13: json.max-batch = 0: not an integer in [1, 1000000]");
  EXPECT_EQ(ErrorOf("[json]\nmax-batch = true\n"),
            ":2:13: json.max-batch: a boolean, not an integer in [1, 1000000]");
  EXPECT_EQ(ErrorOf("[json]\nmax-batch = 1.5\n"),
            ":2:13: json.max-batch: a fraction, not an integer in [1, 1000000]");
  EXPECT_THAT(
      ErrorOf("[process]\ngrace-period = 5\n"),
      HasSubstr(":2:16: process.grace-period: a number without quotes and unit, not a time"));
  EXPECT_THAT(ErrorOf("[store]\ndata-dir = [\"a\"]\n"),
              HasSubstr("an array, not a text in quotes"));
  EXPECT_THAT(ErrorOf("[store]\nroot = [[\"a\"]]\n"),
              HasSubstr("an array, not a text, or an array"));
  EXPECT_THAT(ErrorOf("[store]\nroot = [\"/no/such\"]\n"),
              HasSubstr("store.root = /no/such: not a directory that can be read"));
}

TEST_F(SettingsFileTest, WhatIsNoTomlNamesLineAndColumn) {
  EXPECT_THAT(ErrorOf("[json]\nmax-batch = \n"), StartsWith(":2:"));
  EXPECT_THAT(ErrorOf("[json]\nmax-batch = 1\nmax-batch = 2\n"), StartsWith(":3:"));
}

TEST_F(SettingsFileTest, AFileThatCannotBeReadIsAnError) {
  const char* const argv[] = {"voxeld", "--config=/no/such/file", "--socket=/s"};
  EXPECT_EQ(ParseCommandLine(3, argv, {}).status().message(),
            "--config=/no/such/file: cannot be read");
  EXPECT_THAT(std::string(Parse(std::string(2 << 20, '#')).status().message()),
              HasSubstr("more than 1048576 bytes"));
}

TEST_F(SettingsFileTest, AVariableNamesTheFile) {
  std::ofstream(path_) << "[json]\nmax-batch = 5\n";
  Environment environment{.runtime_dir = "/run/user/7"};
  environment.variables = {{"VOXELD_CONFIG", path_}};
  const char* const argv[] = {"voxeld"};
  EXPECT_EQ(ParseCommandLine(1, argv, environment)->config.max_batch, 5);
}

// What --print-config prints gives the same settings again, whatever they are.
TEST_F(SettingsFileTest, WhatIsPrintedCanBeReadAgain) {
  Environment environment{.runtime_dir = "/run/user/7"};
  environment.variables = {{"VOXELD_MAX_EDITS", "20"}};
  const auto first =
      Parse("[json]\nmax-batch = 7\n[store]\nroot = [\"/usr\", \"/\"]\n",
            {"--print-config", "--data-dir=a \"b\"\\c\td", "--fold-bytes=1000"}, environment);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_THAT(first->print, HasSubstr("\nmax-batch = 7  # \"" + path_ + ":2\"\n"));
  EXPECT_THAT(first->print, HasSubstr("\nmax-edits = 20  # \"VOXELD_MAX_EDITS\"\n"));
  EXPECT_THAT(first->print, HasSubstr("\nfold-bytes = \"1000\"  # \"--fold-bytes\"\n"));
  EXPECT_THAT(first->print, HasSubstr("\nmax-message-bytes = \"16 MiB\"  # default\n"));
  const auto again = Parse(first->print);
  ASSERT_TRUE(again.ok()) << again.status();
  for (const Option& option : AllOptions()) {
    EXPECT_EQ(option.Get(first->config), option.Get(again->config)) << option.key();
  }
}

TEST_F(SettingsFileTest, EveryOptionCanBeSetInTheFile) {
  const Config config = Parse("")->config;
  for (const Option& option : AllOptions()) {
    SCOPED_TRACE(option.key());
    const std::vector<std::string> texts = option.Get(config);
    const std::string value = texts.empty() ? "[]" : "\"" + texts[0] + "\"";
    const std::string shown = option.kind == OptionKind::kCount ? texts[0] : value;
    const auto line =
        Parse("[" + std::string(option.section) + "]\n" + option.name + " = " + shown);
    EXPECT_TRUE(line.ok()) << line.status();
  }
}

}  // namespace
}  // namespace voxeld
