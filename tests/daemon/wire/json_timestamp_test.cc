#include "daemon/wire/json_timestamp.h"

#include <gtest/gtest.h>

namespace voxeld {
namespace {

using google::protobuf::Timestamp;

// "seconds.nanos" of a text; "refused" if it is no time.
std::string ParseTime(std::string_view text) {
  Timestamp time;
  if (!ParseTimestamp(text, &time)) return "refused";
  return std::to_string(time.seconds()) + "." + std::to_string(time.nanos());
}

std::string Print(int64_t seconds, int32_t nanos) {
  Timestamp time;
  time.set_seconds(seconds);
  time.set_nanos(nanos);
  std::string out;
  AppendTimestamp(time, &out);
  return out;
}

TEST(JsonTimestampTest, ReadsRfc3339) {
  EXPECT_EQ(ParseTime("1970-01-01T00:00:00Z"), "0.0");
  EXPECT_EQ(ParseTime("2026-11-20T16:05:09.25Z"), "1795190709.250000000");
  EXPECT_EQ(ParseTime("2026-11-20T16:05:09.000000001Z"), "1795190709.1");
  EXPECT_EQ(ParseTime("2026-11-20T18:05:09+02:00"), "1795190709.0");
  EXPECT_EQ(ParseTime("2026-11-20T10:35:09-05:30"), "1795190709.0");
  EXPECT_EQ(ParseTime("2024-02-29T00:00:00Z"), "1709164800.0");
  EXPECT_EQ(ParseTime("1969-12-31T23:59:59.5Z"), "-1.500000000");
}

TEST(JsonTimestampTest, RefusesOtherThings) {
  for (const char* text : {"",
                           "2026-11-20",
                           "2026-11-20T16:05:09",
                           "2026-11-20 16:05:09Z",
                           "2026-11-20t16:05:09Z",
                           "2026-13-20T16:05:09Z",
                           "2026-11-31T16:05:09Z",
                           "2023-02-29T00:00:00Z",
                           "2026-11-20T24:00:00Z",
                           "2026-11-20T16:60:00Z",
                           "2026-11-20T23:59:60Z",
                           "2026-11-20T16:05:09.Z",
                           "2026-11-20T16:05:09.1234567890Z",
                           "2026-11-20T16:05:09+24:00",
                           "2026-11-20T16:05:09+0200",
                           "2026-11-20T16:05:09ZZ",
                           "26-11-20T16:05:09Z",
                           "0000-01-01T00:00:00Z",
                           "+026-11-20T16:05:09Z",
                           "2026-11-20T16:05:09Z "}) {
    EXPECT_EQ(ParseTime(text), "refused") << text;
  }
}

TEST(JsonTimestampTest, KeepsWithinTheYearsOfProto3) {
  EXPECT_EQ(ParseTime("0001-01-01T00:00:00Z"), "-62135596800.0");
  EXPECT_EQ(ParseTime("0001-01-01T00:00:00+00:01"), "refused");
  EXPECT_EQ(ParseTime("9999-12-31T23:59:59.999999999Z"), "253402300799.999999999");
  EXPECT_EQ(ParseTime("9999-12-31T23:59:59-00:01"), "refused");
}

TEST(JsonTimestampTest, PrintsAsFewDecimalsAsProto3Allows) {
  EXPECT_EQ(Print(0, 0), "1970-01-01T00:00:00Z");
  EXPECT_EQ(Print(1795190709, 250'000'000), "2026-11-20T16:05:09.250Z");
  EXPECT_EQ(Print(1795190709, 1'000), "2026-11-20T16:05:09.000001Z");
  EXPECT_EQ(Print(1795190709, 1), "2026-11-20T16:05:09.000000001Z");
  EXPECT_EQ(Print(-1, 0), "1969-12-31T23:59:59Z");
  EXPECT_EQ(Print(-62'135'596'800, 0), "0001-01-01T00:00:00Z");
  EXPECT_EQ(Print(253'402'300'799, 999'999'999), "9999-12-31T23:59:59.999999999Z");
}

}  // namespace
}  // namespace voxeld
