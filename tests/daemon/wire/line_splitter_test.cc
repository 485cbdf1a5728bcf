#include "daemon/wire/line_splitter.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace voxeld {
namespace {

constexpr size_t kLimit = 8;

// All lines a splitter gives now, and "<too long>" where it stops.
std::vector<std::string> Drain(LineSplitter& splitter) {
  std::vector<std::string> lines;
  std::string_view line;
  LineSplitter::State state;
  while ((state = splitter.Next(&line)) == LineSplitter::State::kComplete) {
    lines.emplace_back(line);
  }
  if (state == LineSplitter::State::kTooLong) lines.emplace_back("<too long>");
  return lines;
}

// The lines of a stream that comes in the given pieces.
std::vector<std::string> Split(const std::vector<std::string>& pieces, size_t limit = kLimit) {
  LineSplitter splitter(limit);
  std::vector<std::string> lines;
  for (const std::string& piece : pieces) {
    splitter.Feed(piece);
    for (std::string& line : Drain(splitter)) lines.push_back(std::move(line));
    if (!lines.empty() && lines.back() == "<too long>") return lines;
  }
  splitter.FeedEnd();
  for (std::string& line : Drain(splitter)) lines.push_back(std::move(line));
  return lines;
}

using Lines = std::vector<std::string>;

// The same with views that end when their lines were taken.
Lines SplitViews(const Lines& pieces, size_t limit) {
  LineSplitter splitter(limit);
  Lines lines;
  for (const std::string& piece : pieces) {
    std::string input = piece;
    splitter.FeedView(input);
    for (std::string& line : Drain(splitter)) lines.push_back(std::move(line));
    splitter.Keep([](std::string*, size_t) {});
    input.assign(input.size(), '!');
    if (!lines.empty() && lines.back() == "<too long>") return lines;
  }
  splitter.FeedEnd();
  for (std::string& line : Drain(splitter)) lines.push_back(std::move(line));
  return lines;
}

TEST(LineSplitterTest, EndsLinesAtNewlinesOfBothKinds) {
  EXPECT_EQ(Split({"one\ntwo\r\nthree\n"}), (Lines{"one", "two", "three"}));
  EXPECT_EQ(Split({"a\rb\n"}), (Lines{"a\rb"}));
}

TEST(LineSplitterTest, SkipsBlankLines) {
  EXPECT_EQ(Split({"\n\r\n  \t\none\n\n"}), (Lines{"one"}));
}

TEST(LineSplitterTest, TakesALastLineWithoutItsEnd) {
  EXPECT_EQ(Split({"one\ntwo"}), (Lines{"one", "two"}));
  EXPECT_EQ(Split({"one\n"}), (Lines{"one"}));
  EXPECT_EQ(Split({""}), (Lines{}));
  EXPECT_EQ(Split({"one\n \t"}), (Lines{"one"}));
}

TEST(LineSplitterTest, WaitsForTheRestOfALine) {
  LineSplitter splitter(kLimit);
  splitter.Feed("on");
  EXPECT_EQ(Drain(splitter), Lines{});
  EXPECT_EQ(splitter.buffered(), 2u);
  splitter.Feed("e\nt");
  EXPECT_EQ(Drain(splitter), Lines{"one"});
  EXPECT_EQ(splitter.buffered(), 1u);
}

TEST(LineSplitterTest, TakesLinesUpToTheLimit) {
  EXPECT_EQ(Split({"12345678\n12345678\r\n12345678"}), (Lines{"12345678", "12345678", "12345678"}));
}

TEST(LineSplitterTest, StopsAtALineOverTheLimit) {
  EXPECT_EQ(Split({"one\n123456789\ntwo\n"}), (Lines{"one", "<too long>"}));
  EXPECT_EQ(Split({"123456789"}), (Lines{"<too long>"}));  // before its end is seen
  EXPECT_EQ(Split({"12345678\rx\n"}), (Lines{"<too long>"}));
}

TEST(LineSplitterTest, StaysStopped) {
  LineSplitter splitter(kLimit);
  splitter.Feed("123456789\n");
  EXPECT_EQ(Drain(splitter), Lines{"<too long>"});
  splitter.Feed("ok\n");
  splitter.FeedEnd();
  EXPECT_EQ(Drain(splitter), Lines{"<too long>"});
}

TEST(LineSplitterTest, HowTheBytesArriveDoesNotMatter) {
  std::mt19937 random(7);
  const std::string kBytes = "ab \t\r\n\n\r\n";
  for (int round = 0; round < 2'000; ++round) {
    std::string stream;
    for (size_t i = random() % 60; i > 0; --i) stream.push_back(kBytes[random() % kBytes.size()]);
    const Lines whole = Split({stream}, 6);
    Lines bytes;
    for (const char c : stream) bytes.emplace_back(1, c);
    EXPECT_EQ(Split(bytes, 6), whole) << testing::PrintToString(stream);
    Lines pieces;
    for (size_t at = 0; at < stream.size();) {
      const size_t length = 1 + random() % 9;
      pieces.push_back(stream.substr(at, length));
      at += length;
    }
    EXPECT_EQ(Split(pieces, 6), whole) << testing::PrintToString(stream);
    EXPECT_EQ(SplitViews(pieces, 6), whole) << testing::PrintToString(stream);
  }
}

TEST(LineSplitterTest, KeepsItsPlaceWhenLinesAreTakenLate) {
  LineSplitter splitter(1'000);
  std::string_view line;
  std::string fed;
  std::string taken;
  for (int i = 0; i < 1'000; ++i) {
    const std::string text = std::to_string(i) + "\n";
    splitter.Feed(text + text);
    fed += text + text;
    ASSERT_EQ(splitter.Next(&line), LineSplitter::State::kComplete);
    taken += std::string(line) + "\n";
  }
  for (const std::string& late : Drain(splitter)) taken += late + "\n";
  EXPECT_EQ(taken, fed);
}

TEST(LineSplitterTest, MemoryIsGivenAwayOnceNothingNeedsIt) {
  LineSplitter splitter(1'000'000);
  splitter.Feed(std::string(500'000, 'x') + "\nrest");
  EXPECT_EQ(Drain(splitter).size(), 1u);
  EXPECT_EQ(splitter.ReleaseMemory().capacity(), std::string().capacity());
  EXPECT_EQ(splitter.buffered(), 4u);
  splitter.Feed(" of it\n");
  EXPECT_EQ(Drain(splitter), Lines{"rest of it"});
  EXPECT_GE(splitter.ReleaseMemory().capacity(), 500'000u);
  splitter.Feed("more\n");
  EXPECT_EQ(Drain(splitter), Lines{"more"});
}

TEST(LineSplitterTest, OfAViewOnlyTheRestIsCopied) {
  LineSplitter splitter(100);
  std::vector<size_t> asked;
  const auto make_room = [&asked](std::string* text, size_t bytes) {
    asked.push_back(bytes);
    text->reserve(512);
  };
  std::string input = "one\ntwo\n";
  splitter.FeedView(input);
  EXPECT_EQ(Drain(splitter), (Lines{"one", "two"}));
  splitter.Keep(make_room);
  EXPECT_TRUE(asked.empty());
  input = "three\na line that does not end here";
  splitter.FeedView(input);
  EXPECT_EQ(Drain(splitter), Lines{"three"});
  splitter.Keep(make_room);
  ASSERT_EQ(asked.size(), 1u);
  EXPECT_GE(asked[0], 28u);
  input = " but there\nfive\nsix";
  splitter.FeedView(input);
  EXPECT_EQ(Drain(splitter), (Lines{"a line that does not end here but there", "five"}));
  splitter.Keep(make_room);
  input.assign(input.size(), '!');
  splitter.FeedEnd();
  EXPECT_EQ(Drain(splitter), Lines{"six"});
}

}  // namespace
}  // namespace voxeld
