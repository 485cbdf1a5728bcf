// Bytes that come in pieces, for tests of parsers that are fed: whatever the pieces, they must read
// the same.
#pragma once

#include <random>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"

namespace voxeld {

// What `parse(bytes, cuts)` reads of the whole, which is expected of it byte by byte and in random
// pieces, too. `cuts` are the places where a new piece begins.
template <typename Parse>
auto ReadHoweverCut(std::string_view bytes, Parse parse) {
  const auto whole = parse(bytes, std::vector<size_t>());
  std::vector<size_t> every(bytes.empty() ? 0 : bytes.size() - 1);
  for (size_t i = 0; i < every.size(); ++i) every[i] = i + 1;
  EXPECT_EQ(whole, parse(bytes, every)) << "byte by byte: " << bytes;
  std::mt19937 random(7);
  for (int round = 0; round < 20 && bytes.size() > 1; ++round) {
    std::vector<size_t> cuts;
    for (size_t at = 1; at < bytes.size(); at += 1 + random() % 9) cuts.push_back(at);
    EXPECT_EQ(whole, parse(bytes, cuts)) << "in pieces: " << bytes;
  }
  return whole;
}

}  // namespace voxeld
