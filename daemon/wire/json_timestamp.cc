#include "daemon/wire/json_timestamp.h"

#include <chrono>
#include <cstdio>
#include <optional>

#include "absl/strings/ascii.h"

namespace voxeld {
namespace {

constexpr int64_t kFirstSecond = -62'135'596'800;  // 0001-01-01T00:00:00Z
constexpr int64_t kLastSecond = 253'402'300'799;   // 9999-12-31T23:59:59Z

// Takes text apart from the front; after a mismatch everything fails.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  // Exactly `digits` digits, as a number within [min, max].
  int Number(size_t digits, int min, int max) {
    int value = 0;
    for (size_t i = 0; i < digits; ++i) value = value * 10 + Digit();
    if (value < min || value > max) ok_ = false;
    return value;
  }
  bool Take(char c) {
    if (!Peek(c)) return false;
    text_.remove_prefix(1);
    return true;
  }
  void Expect(char c) { ok_ = Take(c) && ok_; }
  // One to nine decimals, as nanoseconds.
  int Nanos() {
    int value = Digit();
    int digits = 1;
    while (digits < 9 && !text_.empty() && absl::ascii_isdigit(text_.front())) {
      value = value * 10 + Digit();
      ++digits;
    }
    for (; digits < 9; ++digits) value *= 10;
    return value;
  }
  bool Done() const { return ok_ && text_.empty(); }

 private:
  bool Peek(char c) const { return !text_.empty() && text_.front() == c; }
  int Digit() {
    if (text_.empty() || !absl::ascii_isdigit(text_.front())) {
      ok_ = false;
      return 0;
    }
    const int digit = text_.front() - '0';
    text_.remove_prefix(1);
    return digit;
  }

  std::string_view text_;
  bool ok_ = true;
};

// Seconds since 1970 at midnight of a date; nullopt if there is no such day.
std::optional<int64_t> DateSeconds(int year, int month, int day) {
  const std::chrono::year_month_day date(std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day)));
  if (!date.ok()) return std::nullopt;
  const std::chrono::seconds since = std::chrono::sys_days(date).time_since_epoch();
  return since.count();
}

// What local time is ahead of UTC, in seconds.
int64_t ScanOffset(Scanner& scan) {
  if (scan.Take('Z')) return 0;
  const bool behind = scan.Take('-');
  if (!behind) scan.Expect('+');
  const int hours = scan.Number(2, 0, 23);
  scan.Expect(':');
  const int64_t seconds = (hours * 60 + scan.Number(2, 0, 59)) * 60;
  return behind ? -seconds : seconds;
}

}  // namespace

bool ParseTimestamp(std::string_view text, google::protobuf::Timestamp* out) {
  Scanner scan(text);
  const int year = scan.Number(4, 1, 9999);
  scan.Expect('-');
  const int month = scan.Number(2, 1, 12);
  scan.Expect('-');
  const int day = scan.Number(2, 1, 31);
  scan.Expect('T');
  const int hour = scan.Number(2, 0, 23);
  scan.Expect(':');
  const int minute = scan.Number(2, 0, 59);
  scan.Expect(':');
  const int second = scan.Number(2, 0, 59);
  const int nanos = scan.Take('.') ? scan.Nanos() : 0;
  const int64_t offset = ScanOffset(scan);
  const std::optional<int64_t> date = DateSeconds(year, month, day);
  if (!scan.Done() || !date) return false;
  const int64_t seconds = *date + (hour * 60 + minute) * 60 + second - offset;
  if (seconds < kFirstSecond || seconds > kLastSecond) return false;
  out->set_seconds(seconds);
  out->set_nanos(nanos);
  return true;
}

void AppendTimestamp(const google::protobuf::Timestamp& time, std::string* out) {
  const std::chrono::sys_seconds instant{std::chrono::seconds(time.seconds())};
  const auto day = std::chrono::floor<std::chrono::days>(instant);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(instant - day);
  char text[64];
  int length = std::snprintf(
      text, sizeof(text), "%04d-%02u-%02uT%02d:%02d:%02d", static_cast<int>(date.year()),
      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
      static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
      static_cast<int>(clock.seconds().count()));
  out->append(text, static_cast<size_t>(length));
  if (time.nanos() != 0) {
    length = std::snprintf(text, sizeof(text), ".%09d", time.nanos());
    while (std::string_view(text, static_cast<size_t>(length)).ends_with("000")) length -= 3;
    out->append(text, static_cast<size_t>(length));
  }
  out->push_back('Z');
}

}  // namespace voxeld
