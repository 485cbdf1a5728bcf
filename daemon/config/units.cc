#include "daemon/config/units.h"

#include <charconv>
#include <limits>
#include <set>
#include <utility>

#include "voxel/base/str_cat.h"

namespace voxeld {
namespace {

constexpr int kMostCpus = 1024;  // of a cpu_set_t

std::string_view WithoutSpaces(std::string_view text) {
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

// Adds "8" or "0-3".
bool AddCpus(std::string_view range, std::set<int>* cpus) {
  const size_t dash = range.find('-');
  const std::optional<int64_t> first = ReadInteger(range.substr(0, dash));
  const std::optional<int64_t> last =
      dash == std::string_view::npos ? first : ReadInteger(range.substr(dash + 1));
  if (!first.has_value() || !last.has_value() || *first < 0 || *last < *first ||
      *last >= kMostCpus) {
    return false;
  }
  for (int64_t cpu = *first; cpu <= *last; ++cpu) cpus->insert(static_cast<int>(cpu));
  return true;
}

}  // namespace

std::optional<int64_t> ReadInteger(std::string_view text) {
  int64_t value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<int64_t> ReadBytes(std::string_view text) {
  int shift = 0;
  for (const auto& [suffix, bits] :
       {std::pair<std::string_view, int>{"KiB", 10}, {"MiB", 20}, {"GiB", 30}, {"TiB", 40}}) {
    if (!text.ends_with(suffix)) continue;
    shift = bits;
    text = WithoutSpaces(text.substr(0, text.size() - suffix.size()));
  }
  const std::optional<int64_t> value = ReadInteger(text);
  if (!value.has_value() || *value < 0 || *value > std::numeric_limits<int64_t>::max() >> shift) {
    return std::nullopt;
  }
  return *value << shift;
}

std::optional<absl::Duration> ReadTime(std::string_view text) {
  std::string tight;
  for (const char c : text) {
    if (c != ' ') tight.push_back(c);
  }
  absl::Duration value;
  if (!absl::ParseDuration(tight, &value) || value < absl::ZeroDuration()) return std::nullopt;
  return value;
}

std::optional<std::vector<int>> ReadCpus(std::string_view text) {
  std::set<int> cpus;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t comma = std::min(text.find(',', begin), text.size());
    if (!AddCpus(text.substr(begin, comma - begin), &cpus)) return std::nullopt;
    begin = comma + 1;
  }
  return std::vector<int>(cpus.begin(), cpus.end());
}

std::optional<unsigned> ReadMode(std::string_view text) {
  unsigned mode = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), mode, 8);
  const bool whole = parsed.ec == std::errc() && parsed.ptr == text.data() + text.size();
  return whole && mode <= 0777 ? std::optional<unsigned>(mode) : std::nullopt;
}

std::string BytesText(int64_t bytes) {
  for (const auto& [suffix, bits] :
       {std::pair<const char*, int>{" TiB", 40}, {" GiB", 30}, {" MiB", 20}, {" KiB", 10}}) {
    if (bytes != 0 && bytes % (int64_t{1} << bits) == 0) {
      return voxel::StrCat(bytes >> bits, suffix);
    }
  }
  return voxel::StrCat(bytes);
}

std::string TimeText(absl::Duration time) {
  if (time == absl::ZeroDuration()) return "0 s";
  for (const auto& [suffix, unit] : {std::pair<const char*, absl::Duration>{" h", absl::Hours(1)},
                                     {" m", absl::Minutes(1)},
                                     {" s", absl::Seconds(1)},
                                     {" ms", absl::Milliseconds(1)},
                                     {" us", absl::Microseconds(1)}}) {
    absl::Duration rest;
    const int64_t whole = absl::IDivDuration(time, unit, &rest);
    if (rest == absl::ZeroDuration()) return voxel::StrCat(whole, suffix);
  }
  return voxel::StrCat(absl::ToInt64Nanoseconds(time), " ns");
}

}  // namespace voxeld
