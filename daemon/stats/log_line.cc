#include "daemon/stats/log_line.h"

#include <stdio.h>
#include <time.h>

#include "voxel/base/utf8.h"

namespace voxeld {
namespace {

using voxel::ShortText;

constexpr size_t kMaxTextBytes = 4096;
constexpr std::string_view kLabels[] = {"DEBUG ", "INFO  ", "WARN  ", "ERROR "};
constexpr std::string_view kLevels[] = {"debug", "info", "warning", "error"};
constexpr std::string_view kPriorities[] = {"<7>", "<6>", "<4>", "<3>"};  // of sd-daemon(3)

bool IsControl(unsigned char byte) { return byte < 0x20 || byte == 0x7f; }

// In hexadecimal digits, two for a byte.
void AppendHex(std::string_view mark, unsigned char byte, ShortText* out) {
  static constexpr char kDigits[] = "0123456789abcdef";
  out->Append(mark);
  out->Append(kDigits[byte >> 4]);
  out->Append(kDigits[byte & 15]);
}

void AppendEscaped(std::string_view text, std::string_view also, ShortText* out) {
  for (const char c : text.substr(0, kMaxTextBytes)) {
    const auto byte = static_cast<unsigned char>(c);
    if (IsControl(byte)) {
      AppendHex("\\x", byte, out);
    } else {
      if (also.find(c) != std::string_view::npos) out->Append('\\');
      out->Append(c);
    }
  }
  if (text.size() > kMaxTextBytes) out->Append("...");
}

bool IsPlainWord(std::string_view text) {
  for (const char c : text) {
    if (IsControl(static_cast<unsigned char>(c)) || c == ' ' || c == '"' || c == '=') return false;
  }
  return !text.empty();
}

void AppendTextField(const LogField& field, ShortText* out) {
  out->Append(ShortText(" ", field.name, "="));
  if (const auto* number = std::get_if<int64_t>(&field.value); number != nullptr) {
    return out->Append(*number);
  }
  const std::string_view text = std::get<std::string_view>(field.value);
  if (IsPlainWord(text)) return AppendEscaped(text, "", out);
  out->Append('"');
  AppendEscaped(text, "\"\\", out);
  out->Append('"');
}

void AppendJsonText(std::string_view text, ShortText* out) {
  out->Append('"');
  const bool cut = text.size() > kMaxTextBytes;
  for (text = text.substr(0, kMaxTextBytes); !text.empty();) {
    const size_t size = voxel::Utf8Length(text);
    if (size == 0) {
      out->Append("\\ufffd");
    } else if (IsControl(static_cast<unsigned char>(text[0]))) {
      AppendHex("\\u00", static_cast<unsigned char>(text[0]), out);
    } else {
      if (text[0] == '"' || text[0] == '\\') out->Append('\\');
      out->Append(text.substr(0, size));
    }
    text.remove_prefix(size == 0 ? 1 : size);
  }
  out->Append(cut ? "...\"" : "\"");
}

void AppendJsonField(const LogField& field, ShortText* out) {
  out->Append(ShortText(",\"", field.name, "\":"));
  if (const auto* number = std::get_if<int64_t>(&field.value); number != nullptr) {
    return out->Append(*number);
  }
  AppendJsonText(std::get<std::string_view>(field.value), out);
}

void AppendJsonLine(Severity severity, std::string_view time, std::string_view message,
                    absl::Span<const LogField> fields, ShortText* line) {
  line->Append(ShortText("{\"time\":\"", time, "\",\"level\":\"",
                         kLevels[static_cast<int>(severity)], "\",\"message\":"));
  AppendJsonText(message, line);
  for (const LogField& field : fields) AppendJsonField(field, line);
  line->Append("}\n");
}

// "2026-11-20T16:01:37.123Z".
ShortText TimeText(absl::Time time) {
  const int64_t ms = absl::ToUnixMillis(time);
  const auto seconds = static_cast<time_t>(ms / 1000);
  tm utc{};
  gmtime_r(&seconds, &utc);
  char text[64];
  const int size = snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ",
                            1900 + utc.tm_year, 1 + utc.tm_mon, utc.tm_mday, utc.tm_hour,
                            utc.tm_min, utc.tm_sec, static_cast<int>(ms % 1000));
  return ShortText(std::string_view(text, static_cast<size_t>(size)));
}

}  // namespace

ShortText LogLine(LogFormat format, Severity severity, absl::Time time, std::string_view message,
                  absl::Span<const LogField> fields) {
  const auto level = static_cast<int>(severity);
  const ShortText when = TimeText(time);
  ShortText line;
  if (format == LogFormat::kJournalText || format == LogFormat::kJournalJson) {
    line.Append(kPriorities[level]);
  }
  if (format == LogFormat::kJson || format == LogFormat::kJournalJson) {
    AppendJsonLine(severity, when, message, fields, &line);
    return line;
  }
  if (format == LogFormat::kText) line.Append(ShortText(when, " ", kLabels[level]));
  AppendEscaped(message, "", &line);
  for (const LogField& field : fields) AppendTextField(field, &line);
  line.Append('\n');
  return line;
}

}  // namespace voxeld
