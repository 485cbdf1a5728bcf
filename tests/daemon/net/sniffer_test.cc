#include "daemon/net/sniffer.h"

#include "gtest/gtest.h"

namespace voxeld {
namespace {

TEST(SnifferTest, FirstBytesDecide) {
  EXPECT_EQ(Sniff("{\"jsonrpc\""), Protocol::kJsonRpc);
  EXPECT_EQ(Sniff("["), Protocol::kJsonRpc);
  EXPECT_EQ(Sniff("\r\n"), Protocol::kJsonRpc);
  EXPECT_EQ(Sniff("PRI * HTTP/2.0"), Protocol::kGrpc);
  EXPECT_EQ(Sniff("GET /metrics"), Protocol::kHttp);
  EXPECT_EQ(Sniff("POST /voxeld.v1.AdminService/Ping HTTP/1.1"), Protocol::kHttp);
  EXPECT_EQ(Sniff("OPTIONS *"), Protocol::kHttp);
  EXPECT_EQ(Sniff("*1\r\n"), Protocol::kResp);
  EXPECT_EQ(Sniff("PING\r\n"), Protocol::kResp);
  EXPECT_EQ(Sniff("voxel.get"), Protocol::kResp);
  EXPECT_EQ(Sniff("\x16\x03\x01"), Protocol::kUnknown);
  EXPECT_EQ(Sniff(std::string_view("\0", 1)), Protocol::kUnknown);
}

TEST(SnifferTest, APrefaceIsWaitedFor) {
  EXPECT_EQ(Sniff(""), Protocol::kUndecided);
  EXPECT_EQ(Sniff("P"), Protocol::kUndecided);
  EXPECT_EQ(Sniff("PRI"), Protocol::kUndecided);
  EXPECT_EQ(Sniff("PUT "), Protocol::kUndecided);
  EXPECT_EQ(Sniff("PRI*"), Protocol::kResp);
  EXPECT_EQ(Sniff("GET castle"), Protocol::kResp);
  EXPECT_EQ(Sniff("PI"), Protocol::kResp);
  EXPECT_EQ(Sniff("OPTIONS "), Protocol::kUndecided);
}

}  // namespace
}  // namespace voxeld
