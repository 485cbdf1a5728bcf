#include "daemon/net/sniffer.h"

#include "gtest/gtest.h"

namespace voxeld {
namespace {

TEST(SnifferTest, FirstBytesDecide) {
  EXPECT_EQ(Sniff("{\"jsonrpc\""), Protocol::kJsonRpc);
  EXPECT_EQ(Sniff("["), Protocol::kJsonRpc);
  EXPECT_EQ(Sniff("\r\n"), Protocol::kJsonRpc);
  EXPECT_EQ(Sniff("PRI * HTTP/2.0"), Protocol::kGrpc);
  EXPECT_EQ(Sniff("GET /"), Protocol::kUnknown);
  EXPECT_EQ(Sniff("*1\r\n"), Protocol::kUnknown);
  EXPECT_EQ(Sniff(std::string_view("\0", 1)), Protocol::kUnknown);
}

TEST(SnifferTest, APrefaceIsWaitedFor) {
  EXPECT_EQ(Sniff(""), Protocol::kUndecided);
  EXPECT_EQ(Sniff("P"), Protocol::kUndecided);
  EXPECT_EQ(Sniff("PRI"), Protocol::kUndecided);
  EXPECT_EQ(Sniff("PUT "), Protocol::kUnknown);
  EXPECT_EQ(Sniff("PRI*"), Protocol::kUnknown);
}

}  // namespace
}  // namespace voxeld
