#include "daemon/stats/log_line.h"

#include "gtest/gtest.h"

namespace voxeld {
namespace {

const absl::Time kTime = absl::FromUnixMillis(1);

std::string Line(LogFormat format, std::string_view message, std::vector<LogField> fields = {}) {
  return std::string(LogLine(format, Severity::kWarning, kTime, message, fields).view());
}

TEST(LogLineTest, FieldsFollowTheMessage) {
  const std::vector<LogField> fields = {{"method", "voxel.get"}, {"ms", int64_t{12}}};
  EXPECT_EQ(Line(LogFormat::kText, "slow request", fields),
            "1970-01-01T00:00:00.001Z WARN  slow request method=voxel.get ms=12\n");
  EXPECT_EQ(Line(LogFormat::kJson, "slow request", fields),
            "{\"time\":\"1970-01-01T00:00:00.001Z\",\"level\":\"warning\",\"message\":\"slow "
            "request\",\"method\":\"voxel.get\",\"ms\":12}\n");
}

TEST(LogLineTest, TheJournalGetsAPriorityAndAddsTheTime) {
  EXPECT_EQ(Line(LogFormat::kJournalText, "a"), "<4>a\n");
  EXPECT_EQ(LogLine(LogFormat::kJournalText, Severity::kError, kTime, "a", {}).view(), "<3>a\n");
  EXPECT_EQ(LogLine(LogFormat::kJournalText, Severity::kInfo, kTime, "a", {}).view(), "<6>a\n");
  EXPECT_EQ(LogLine(LogFormat::kJournalText, Severity::kDebug, kTime, "a", {}).view(), "<7>a\n");
  EXPECT_EQ(Line(LogFormat::kJournalJson, "a").substr(0, 11), "<4>{\"time\":");
}

TEST(LogLineTest, NobodyForgesALineOrAField) {
  EXPECT_EQ(Line(LogFormat::kJournalText, "a\nb", {{"peer", "x y=\"1\"\\\n"}, {"none", ""}}),
            "<4>a\\x0ab peer=\"x y=\\\"1\\\"\\\\\\x0a\" none=\"\"\n");
}

TEST(LogLineTest, JsonIsValidWhateverComes) {
  const auto shown = [](std::string_view text) {
    const std::string line = Line(LogFormat::kJson, "", {{"a", text}});
    const size_t begin = line.find("\"a\":") + 5;
    return line.substr(begin, line.size() - begin - 3);
  };
  EXPECT_EQ(shown("\"\\\n\x7f"), "\\\"\\\\\\u000a\\u007f");
  EXPECT_EQ(shown("\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"), "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80");
  EXPECT_EQ(shown("\xc0\xaf\xed\xa0\x80\xf5"), "\\ufffd\\ufffd\\ufffd\\ufffd\\ufffd\\ufffd");
  EXPECT_EQ(shown("\xe2\x82"), "\\ufffd\\ufffd");
  EXPECT_EQ(shown(std::string(5000, 'x')), std::string(4096, 'x') + "...");
}

}  // namespace
}  // namespace voxeld
