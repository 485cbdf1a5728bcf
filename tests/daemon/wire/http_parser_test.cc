#include "daemon/wire/http_parser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/daemon/wire/cuts.h"

namespace voxeld {
namespace {

using testing::HasSubstr;

HttpLimits SmallHttpLimits() {
  HttpLimits limits;
  limits.max_line_bytes = 200;
  limits.max_header_bytes = 400;
  limits.max_headers = 6;
  limits.max_body_bytes = 64;
  return limits;
}

// What came out of a connection's bytes.
struct Read {
  std::vector<std::string> requests;
  int status = 0;
  std::string message;
  bool operator==(const Read&) const = default;
};

std::string Shown(const HttpRequest& request) {
  std::string text = std::string(request.method) + " " + std::string(request.path) + "?" +
                     std::string(request.query) + (request.keep_alive ? " keep" : " close");
  for (const HttpHeader& header : request.headers) {
    text += "|" + std::string(header.name) + "=" + std::string(header.value);
  }
  return text + "|" + std::string(request.body);
}

// Feeds `bytes` in the given pieces.
Read ParseHttp(std::string_view bytes, const std::vector<size_t>& cuts) {
  HttpParser parser(SmallHttpLimits());
  Read read;
  size_t begin = 0;
  for (size_t i = 0; i <= cuts.size(); ++i) {
    const size_t end = i < cuts.size() ? cuts[i] : bytes.size();
    std::string piece(bytes.substr(begin, end - begin));  // its own memory, for ASan
    begin = end;
    for (std::string_view left = piece; !left.empty();) {
      size_t used = 0;
      const HttpParser::State state = parser.Feed(left, &used);
      left.remove_prefix(used);
      if (state == HttpParser::State::kError) {
        read.status = parser.error().status;
        read.message = parser.error().message;
        return read;
      }
      if (state == HttpParser::State::kWaiting) break;
      read.requests.push_back(Shown(parser.request()));
      parser.Next();
    }
  }
  return read;
}

Read ReadHttp(std::string_view bytes) { return ReadHoweverCut(bytes, ParseHttp); }

int Status(std::string_view bytes) { return ReadHttp(bytes).status; }

std::string Post(std::string_view headers, std::string_view body = "") {
  return "POST /a HTTP/1.1\r\nHost: a\r\n" + std::string(headers) + "\r\n" + std::string(body);
}

TEST(HttpParserTest, ARequestWithHeadersAndABody) {
  const Read read = ReadHttp(
      "POST /voxeld.v1.A/B?x=1&y HTTP/1.1\r\nHost: localhost\r\nX-Empty:\r\nX-Space:  \t a b \t\r\n"
      "Content-Length: 5\r\n\r\nhello");
  ASSERT_EQ(read.requests.size(), 1u) << read.message;
  EXPECT_EQ(read.requests[0],
            "POST /voxeld.v1.A/B?x=1&y keep|Host=localhost|X-Empty=|X-Space=a b|Content-Length=5|"
            "hello");
}

TEST(HttpParserTest, RequestsThatAreSentAheadComeOneByOne) {
  const Read read = ReadHttp(
      "GET /a HTTP/1.1\r\nHost: a\r\n\r\nPOST /b HTTP/1.1\r\nHost: a\r\ncontent-length: 2\r\n\r\nhi"
      "\r\nGET /c HTTP/1.0\r\n\r\n");
  ASSERT_EQ(read.requests.size(), 3u) << read.message;
  EXPECT_EQ(read.requests[1], "POST /b? keep|Host=a|content-length=2|hi");
  EXPECT_EQ(read.requests[2], "GET /c? close|");
}

TEST(HttpParserTest, ChunksAreJoined) {
  const Read read =
      ReadHttp(Post("Transfer-Encoding: chunked\r\n", "5;name=\"x\"\r\nhello\r\n00\n"));
  EXPECT_EQ(read.status, 400);  // a line without \r
  const Read good =
      ReadHttp(Post("Transfer-Encoding: CHUNKED\r\n",
                    "5;name=\"x\"\r\nhello\r\nA\r\n0123456789\r\n0\r\nTrailer: t\r\n\r\n") +
               "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  ASSERT_EQ(good.requests.size(), 2u) << good.message;
  EXPECT_THAT(good.requests[0], HasSubstr("|hello0123456789"));
}

TEST(HttpParserTest, TargetsMayNameTheHost) {
  EXPECT_EQ(ReadHttp("GET http://h:1/p?q HTTP/1.1\r\nHost: a\r\n\r\n").requests.at(0),
            "GET /p?q keep|Host=a|");
  EXPECT_EQ(ReadHttp("GET http://h HTTP/1.1\r\nHost: a\r\n\r\n").requests.at(0),
            "GET /? keep|Host=a|");
  EXPECT_EQ(ReadHttp("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n").requests.at(0),
            "OPTIONS *? keep|Host=a|");
}

TEST(HttpParserTest, ConnectionSaysWhetherMoreFollows) {
  const auto keeps = [](std::string_view version, std::string_view connection) {
    const Read read =
        ReadHttp("GET / HTTP/" + std::string(version) +
                 "\r\nHost: a\r\nConnection: " + std::string(connection) + "\r\n\r\n");
    return read.requests.at(0).find("keep|") != std::string::npos;
  };
  EXPECT_TRUE(keeps("1.1", "upgrade"));
  EXPECT_FALSE(keeps("1.1", "Upgrade, Close"));
  EXPECT_FALSE(keeps("1.0", "upgrade"));
  EXPECT_TRUE(keeps("1.0", "Keep-Alive"));
}

TEST(HttpParserTest, WhatTwoParsersMightReadDifferentlyIsRefused) {
  EXPECT_EQ(Status(Post("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n")), 400);
  EXPECT_EQ(Status(Post("Content-Length: 1\r\nContent-Length: 1\r\n", "a")), 400);
  EXPECT_EQ(Status(Post("Content-Length: 1, 1\r\n", "a")), 400);
  EXPECT_EQ(Status(Post("Content-Length: +1\r\n", "a")), 400);
  EXPECT_EQ(Status(Post("Content-Length: 0x1\r\n", "a")), 400);
  EXPECT_EQ(Status(Post("Content-Length:\r\n", "a")), 400);
  EXPECT_EQ(Status(Post("Content-Length : 1\r\n", "a")), 400);
  EXPECT_EQ(Status(Post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n")), 400);
  EXPECT_EQ(Status(Post("Transfer-Encoding: gzip, chunked\r\n")), 501);
  EXPECT_EQ(Status(Post("Transfer-Encoding: xchunked\r\n")), 501);
  EXPECT_EQ(Status("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"), 400);
  EXPECT_EQ(Status(Post("X: a\r\n folded\r\n")), 400);
  EXPECT_EQ(Status(Post("X: a\rb\r\n")), 400);
  EXPECT_EQ(Status(Post("X: a\n")), 400);
  EXPECT_EQ(Status(Post(std::string_view("X: a\0b\r\n", 8))), 400);
  EXPECT_EQ(Status(Post("no colon\r\n")), 400);
  EXPECT_EQ(Status(Post(": no name\r\n")), 400);
  EXPECT_EQ(Status(Post("Host: b\r\n")), 400);
  EXPECT_EQ(Status("GET / HTTP/1.1\r\n\r\n"), 400);
  for (const std::string_view chunk : {"", "x", "0x5", "-1", "5 5", "1000000000000000"}) {
    EXPECT_EQ(Status(Post("Transfer-Encoding: chunked\r\n", std::string(chunk) + "\r\n")), 400)
        << chunk;
  }
  EXPECT_EQ(Status(Post("Transfer-Encoding: chunked\r\n", "2\r\nabc\r\n")), 400);
}

TEST(HttpParserTest, RequestLines) {
  EXPECT_EQ(Status("GET / HTTP/1.2\r\n"), 505);
  EXPECT_EQ(Status("GET / HTTP/2.0\r\n"), 505);
  for (const std::string_view line :
       {"GET  / HTTP/1.1", "GET / HTTP/1.1 ", " GET / HTTP/1.1", "GET /", "GET / http/1.1",
        "G(T / HTTP/1.1", "GET a HTTP/1.1", "GET /\x80 HTTP/1.1", "GET /\t HTTP/1.1"}) {
    EXPECT_EQ(Status(std::string(line) + "\r\n"), 400) << line;
  }
  EXPECT_EQ(Status("\r\n\r\nGET / HTTP/1.1\r\n"), 400);  // one blank line is forgiven
}

TEST(HttpParserTest, Limits) {
  const std::string long_word(198, 'a');
  EXPECT_EQ(Status("GET /" + long_word + " HTTP/1.1\r\n"), 414);
  EXPECT_EQ(Status("GET /" + std::string(5000, 'a')), 414);  // no line end needed to say so
  EXPECT_EQ(Status(Post("X: " + long_word + "\r\n")), 431);
  EXPECT_EQ(Status(Post("A: " + std::string(150, 'a') + "\r\nB: " + std::string(150, 'a') +
                        "\r\nC: " + std::string(150, 'a') + "\r\n")),
            431);
  EXPECT_EQ(Status(Post("A: 1\r\nB: 1\r\nC: 1\r\nD: 1\r\nE: 1\r\n")), 0);
  EXPECT_EQ(Status(Post("A: 1\r\nB: 1\r\nC: 1\r\nD: 1\r\nE: 1\r\nF: 1\r\n")), 431);
  EXPECT_EQ(ReadHttp(Post("Content-Length: 64\r\n", std::string(64, 'b'))).requests.size(), 1u);
  EXPECT_EQ(Status(Post("Content-Length: 65\r\n")), 413);
  EXPECT_EQ(Status(Post("Content-Length: 99999999999999999999999\r\n")), 413);
  EXPECT_EQ(
      Status(Post("Transfer-Encoding: chunked\r\n", "40\r\n" + std::string(64, 'b') + "\r\n1\r\n")),
      413);
}

TEST(HttpParserTest, ExpectationsAreMetOnce) {
  HttpParser parser(SmallHttpLimits());
  size_t used = 0;
  EXPECT_EQ(parser.Feed(Post("Content-Length: 2\r\nExpect: 100-Continue\r\n"), &used),
            HttpParser::State::kWaiting);
  EXPECT_TRUE(parser.TakeExpectation());
  EXPECT_FALSE(parser.TakeExpectation());
  EXPECT_EQ(parser.Feed("hi", &used), HttpParser::State::kComplete);
  parser.Next();
  // A client that does not wait is not told to go on.
  EXPECT_EQ(parser.Feed(Post("Content-Length: 2\r\nExpect: 100-continue\r\n", "h"), &used),
            HttpParser::State::kWaiting);
  EXPECT_FALSE(parser.TakeExpectation());
  EXPECT_EQ(Status(Post("Expect: the-unexpected\r\nContent-Length: 1\r\n")), 417);
}

TEST(HttpParserTest, BegunMeansThatSomethingIsThere) {
  HttpParser parser(SmallHttpLimits());
  size_t used = 0;
  EXPECT_FALSE(parser.begun());
  parser.Feed("G", &used);
  EXPECT_TRUE(parser.begun());
  parser.Feed("ET / HTTP/1.1\r\nHost: a\r\n\r\n", &used);
  parser.Next();
  EXPECT_FALSE(parser.begun());
}

}  // namespace
}  // namespace voxeld
