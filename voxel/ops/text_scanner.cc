#include "voxel/ops/text_scanner.h"

#include <algorithm>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "voxel/base/status_macros.h"
#include "voxel/base/str_cat.h"

namespace voxel {
namespace {

constexpr int kDecimals = 4;
constexpr size_t kMostShown = 24;  // of a wrong piece, in bytes

bool InWord(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.' || c == '-' ||
         (c & 0x80) != 0;
}
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

size_t TextScanner::Mark() {
  while (at_ < text_.size() && absl::ascii_isspace(static_cast<unsigned char>(text_[at_]))) ++at_;
  return at_;
}

char TextScanner::Peek() { return Mark() < text_.size() ? text_[at_] : '\0'; }

bool TextScanner::AtEnd() { return Mark() == text_.size(); }

bool TextScanner::Take(char c) {
  if (AtEnd() || text_[at_] != c) return false;
  ++at_;
  return true;
}

std::string_view TextScanner::TakeWord() {
  const size_t begin = Mark();
  while (at_ < text_.size() && InWord(text_[at_])) ++at_;
  return text_.substr(begin, at_ - begin);
}

std::string_view TextScanner::Digits() {
  const size_t begin = at_;
  while (at_ < text_.size() && IsDigit(text_[at_])) ++at_;
  return text_.substr(begin, at_ - begin);
}

absl::StatusOr<int64_t> TextScanner::TakeInteger(int64_t low, int64_t high, std::string_view what) {
  const size_t begin = Mark();
  if (Peek() == '-' || Peek() == '+') ++at_;
  const bool any = !Digits().empty();
  int64_t value = 0;
  const std::string_view text = text_.substr(begin, at_ - begin);
  if (any && absl::SimpleAtoi(ToAbsl(text), &value) && value >= low && value <= high) return value;
  return ExpectedAt(begin, StrCat(what, ", a whole number from ", low, " to ", high));
}

absl::StatusOr<uint64_t> TextScanner::TakeSeed() {
  const size_t begin = Mark();
  uint64_t value = 0;
  if (absl::SimpleAtoi(ToAbsl(Digits()), &value)) return value;
  return ExpectedAt(begin, "a seed, a whole number from 0 to 18446744073709551615");
}

absl::StatusOr<uint32_t> TextScanner::TakePercent(uint32_t most, std::string_view what) {
  const size_t begin = Mark();
  uint64_t value = 0;
  bool fine = true;
  const std::string_view whole = Digits();
  fine = absl::SimpleAtoi(ToAbsl(whole), &value) && value <= most;
  std::string_view decimals;
  if (at_ < text_.size() && text_[at_] == '.') {
    ++at_;
    decimals = Digits();
    fine = fine && !decimals.empty() && decimals.size() <= kDecimals;
  }
  for (size_t i = 0; fine && i < kDecimals; ++i) {
    value = value * 10 + (i < decimals.size() ? static_cast<uint64_t>(decimals[i] - '0') : 0);
  }
  fine = Take('%') && fine;
  if (fine && value > 0 && value <= uint64_t{most} * 10'000) return static_cast<uint32_t>(value);
  return ExpectedAt(begin, StrCat(what, " above 0 and up to ", most,
                                  ", with at most 4 decimals and \"%\" behind it"));
}

absl::StatusOr<Color> TextScanner::TakeColor(ColorOfText color_of) {
  const size_t begin = Mark();
  std::string_view name;
  if (Take('"')) {
    const size_t end = text_.find('"', at_);
    if (end == std::string_view::npos) return FailAt(begin, "the quote is never closed");
    name = text_.substr(at_, end - at_);
    at_ = end + 1;
    if (name.empty()) return ExpectedAt(begin, "a colour's name between the quotes");
  } else {
    if (Take('#') && (at_ == text_.size() || !InWord(text_[at_]))) {
      return ExpectedAt(begin, "the digits of a colour behind \"#\"");
    }
    const size_t word = at_;
    while (at_ < text_.size() && InWord(text_[at_])) ++at_;
    if (at_ == word) return ExpectedAt(begin, "a colour (\"#c33\", air, or a palette name)");
    name = text_.substr(begin, at_ - begin);
  }
  absl::StatusOr<Color> color = color_of(name);
  if (color.ok()) return color;
  return FailAt(begin, ToStd(color.status().message()));
}

absl::Status TextScanner::Expect(char c, std::string_view what) {
  return Take(c) ? absl::OkStatus() : Expected(what);
}

absl::Status TextScanner::ExpectedAt(size_t mark, std::string_view what) {
  if (mark >= text_.size()) return FailAt(mark, StrCat("expected ", what, ", found the end"));
  size_t end = mark;
  while (end < text_.size() && InWord(text_[end])) ++end;
  const size_t length = std::min(std::max<size_t>(end - mark, 1), kMostShown);
  const std::string_view found = text_.substr(mark, length);
  return FailAt(mark,
                StrCat("expected ", what, ", found \"", absl::CHexEscape(ToAbsl(found)), "\""));
}

absl::Status TextScanner::FailAt(size_t mark, std::string_view message) {
  int64_t column = 1;
  for (const char c : text_.substr(0, mark)) column += (c & 0xC0) != 0x80;  // letters, not bytes
  absl::Status status = Error(reason_, StrCat("column ", column, ": ", message));
  SetFact(status, "column", std::to_string(column));
  return status;
}

}  // namespace voxel
