// Sizes and times as people write them, and back.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"

namespace voxeld {

constexpr int64_t KiB(int64_t n) { return n << 10; }
constexpr int64_t MiB(int64_t n) { return n << 20; }
constexpr int64_t GiB(int64_t n) { return n << 30; }
constexpr int64_t TiB(int64_t n) { return n << 40; }

// "4096", "-1"; none for anything else, and where 64 bits do not suffice.
std::optional<int64_t> ReadInteger(std::string_view text);
// "1048576", "1024KiB", "64 MiB", "4GiB", "1 TiB".
std::optional<int64_t> ReadBytes(std::string_view text);
// "10s", "500 ms", "2m", "1h30m"; not negative.
std::optional<absl::Duration> ReadTime(std::string_view text);
// "0-3,8" as the sorted numbers of processors, each at most 1023.
std::optional<std::vector<int>> ReadCpus(std::string_view text);

// "0660": permissions of a file, in octal.
std::optional<unsigned> ReadMode(std::string_view text);

// What ReadBytes and ReadTime take, in the largest unit that says it exactly: "64 MiB", "90 s".
std::string BytesText(int64_t bytes);
std::string TimeText(absl::Duration time);

}  // namespace voxeld
