#include "daemon/wire/resp_parser.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/daemon/wire/cuts.h"

namespace voxeld {
namespace {

RespLimits SmallRespLimits() {
  RespLimits limits;
  limits.max_command_bytes = 200;
  limits.max_arguments = 8;
  limits.max_line_bytes = 60;
  return limits;
}

struct Commands {
  std::vector<std::vector<std::string>> commands;
  std::string error;
  size_t left = 0;
  bool operator==(const Commands&) const = default;
};

// Feeds `bytes` in the given pieces; what is not used comes again, from other memory.
Commands ParseResp(std::string_view bytes, const std::vector<size_t>& cuts) {
  RespParser parser(SmallRespLimits());
  Commands read;
  std::string pending;
  size_t begin = 0;
  for (size_t i = 0; i <= cuts.size(); ++i) {
    const size_t end = i < cuts.size() ? cuts[i] : bytes.size();
    pending.append(bytes.substr(begin, end - begin));
    begin = end;
    while (!pending.empty()) {
      const std::vector<char> moved(pending.begin(), pending.end());
      const RespParser::State state = parser.Feed({moved.data(), moved.size()});
      if (state == RespParser::State::kWaiting) break;
      if (state == RespParser::State::kError) {
        read.error = parser.error();
        return read;
      }
      read.commands.emplace_back(parser.arguments().begin(), parser.arguments().end());
      pending.erase(0, parser.size());
      parser.Next();
    }
  }
  read.left = pending.size();
  return read;
}

Commands ReadResp(std::string_view bytes) { return ReadHoweverCut(bytes, ParseResp); }

using Words = std::vector<std::string>;

TEST(RespParserTest, ArraysOfBulkStrings) {
  const Commands read = ReadResp("*2\r\n$4\r\nECHO\r\n$4\r\na\r\nb\r\n*1\r\n$0\r\n\r\n");
  ASSERT_EQ(read.commands.size(), 2u) << read.error;
  EXPECT_EQ(read.commands[0], Words({"ECHO", "a\r\nb"}));
  EXPECT_EQ(read.commands[1], Words({""}));
  EXPECT_EQ(read.left, 0u);
}

TEST(RespParserTest, EmptyArraysAreNoCommands) {
  EXPECT_EQ(ReadResp("*0\r\n*-1\r\n*1\r\n$4\r\nPING\r\n").commands,
            std::vector<Words>({{}, {}, {"PING"}}));
}

TEST(RespParserTest, LinesOfWords) {
  EXPECT_EQ(ReadResp("PING\r\n\r\nECHO  hi\tyou \nSET").commands,
            std::vector<Words>({{"PING"}, {}, {"ECHO", "hi", "you"}}));
  EXPECT_EQ(ReadResp("a \"b c\\n\\x41\\\"\" 'd\\'e' \"\"\r\n").commands,
            std::vector<Words>({{"a", "b c\nA\"", "d'e", ""}}));
  EXPECT_EQ(ReadResp("a \"b\r\n").error, "unbalanced quotes in request");
  EXPECT_EQ(ReadResp("a \"b\"c\r\n").error, "unbalanced quotes in request");
}

TEST(RespParserTest, BothFormsOnOneConnection) {
  EXPECT_EQ(ReadResp("PING\r\n*1\r\n$4\r\nQUIT\r\n").commands,
            std::vector<Words>({{"PING"}, {"QUIT"}}));
}

TEST(RespParserTest, LengthsHoweverTheyAreWritten) {
  for (const std::string length : {"4", "04", "0004", "00004", "0000000000000000000004"}) {
    for (const std::string end : {"\r\n", "\n"}) {
      const Commands read = ReadResp("*1" + end + "$" + length + end + "PING\r\n*01" + end +
                                     "$12\r\nHello, world\r\n");
      EXPECT_EQ(read.commands, std::vector<Words>({{"PING"}, {"Hello, world"}})) << length;
    }
  }
  EXPECT_EQ(ReadResp("*1\r\n$4x\r\nPING\r\n").error, "invalid bulk length");
  EXPECT_EQ(ReadResp("*1\r\n$4\r\r\nPING\r\n").error, "invalid bulk length");
  EXPECT_EQ(ReadResp("*1 \r\n").error, "invalid multibulk length");
}

TEST(RespParserTest, WhatIsMalformed) {
  EXPECT_EQ(ReadResp("*x\r\n").error, "invalid multibulk length");
  EXPECT_EQ(ReadResp("*+1\r\n").error, "invalid multibulk length");
  EXPECT_EQ(ReadResp("*9\r\n").error, "invalid multibulk length");
  EXPECT_EQ(ReadResp("*99999999999999999999\r\n").error, "invalid multibulk length");
  EXPECT_EQ(ReadResp("*1\r\n:4\r\n").error, "expected '$'");
  EXPECT_EQ(ReadResp("*1\r\n$-1\r\n").error, "invalid bulk length");
  EXPECT_EQ(ReadResp("*1\r\n$\r\n").error, "invalid bulk length");
  EXPECT_EQ(ReadResp("*1\r\n$2\r\nabc\r\n").error, "a bulk string is longer than its length says");
  EXPECT_EQ(ReadResp("*1\r\n$2\r\nab\rx").error, "a bulk string is longer than its length says");
  EXPECT_EQ(ReadResp("*" + std::string(100, '0')).error, "too big count string");
}

TEST(RespParserTest, LimitsAreCheckedBeforeTheBytesCome) {
  EXPECT_EQ(ReadResp("*1\r\n$1000\r\n").error, "invalid bulk length: the command is too big");
  EXPECT_EQ(ReadResp("*2\r\n$150\r\n" + std::string(150, 'a') + "\r\n$100\r\n").error,
            "invalid bulk length: the command is too big");
  EXPECT_EQ(ReadResp("*1\r\n$9223372036854775807\r\n").error,
            "invalid bulk length: the command is too big");
  EXPECT_EQ(ReadResp(std::string(61, 'a')).error, "too big inline request");
  EXPECT_EQ(ReadResp(std::string(60, 'a') + "\n").commands.size(), 1u);
}

}  // namespace
}  // namespace voxeld
