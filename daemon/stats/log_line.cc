#include "daemon/stats/log_line.h"

#include "absl/strings/str_format.h"
#include "voxel/base/str_cat.h"
#include "voxel/base/utf8.h"

namespace voxeld {
namespace {

constexpr size_t kMaxTextBytes = 4096;
constexpr std::string_view kLabels[] = {"DEBUG ", "INFO  ", "WARN  ", "ERROR "};
constexpr std::string_view kLevels[] = {"debug", "info", "warning", "error"};
constexpr std::string_view kPriorities[] = {"<7>", "<6>", "<4>", "<3>"};  // of sd-daemon(3)

bool IsControl(unsigned char byte) { return byte < 0x20 || byte == 0x7f; }

void AppendEscaped(std::string_view text, std::string_view also, std::string* out) {
  for (const char c : text.substr(0, kMaxTextBytes)) {
    const auto byte = static_cast<unsigned char>(c);
    if (IsControl(byte)) {
      absl::StrAppendFormat(out, "\\x%02x", static_cast<unsigned>(byte));
    } else {
      if (also.find(c) != std::string_view::npos) out->push_back('\\');
      out->push_back(c);
    }
  }
  if (text.size() > kMaxTextBytes) out->append("...");
}

bool IsPlainWord(std::string_view text) {
  for (const char c : text) {
    if (IsControl(static_cast<unsigned char>(c)) || c == ' ' || c == '"' || c == '=') return false;
  }
  return !text.empty();
}

void AppendTextField(const LogField& field, std::string* out) {
  voxel::StrAppend(out, " ", field.name, "=");
  if (const auto* number = std::get_if<int64_t>(&field.value); number != nullptr) {
    return voxel::StrAppend(out, *number);
  }
  const std::string_view text = std::get<std::string_view>(field.value);
  if (IsPlainWord(text)) return AppendEscaped(text, "", out);
  out->push_back('"');
  AppendEscaped(text, "\"\\", out);
  out->push_back('"');
}

void AppendJsonText(std::string_view text, std::string* out) {
  out->push_back('"');
  const bool cut = text.size() > kMaxTextBytes;
  for (text = text.substr(0, kMaxTextBytes); !text.empty();) {
    const size_t size = voxel::Utf8Length(text);
    if (size == 0) {
      out->append("\\ufffd");
    } else if (IsControl(static_cast<unsigned char>(text[0]))) {
      absl::StrAppendFormat(out, "\\u%04x", static_cast<unsigned>(text[0]));
    } else {
      if (text[0] == '"' || text[0] == '\\') out->push_back('\\');
      out->append(text.substr(0, size));
    }
    text.remove_prefix(size == 0 ? 1 : size);
  }
  out->append(cut ? "...\"" : "\"");
}

void AppendJsonField(const LogField& field, std::string* out) {
  voxel::StrAppend(out, ",\"", field.name, "\":");
  if (const auto* number = std::get_if<int64_t>(&field.value); number != nullptr) {
    return voxel::StrAppend(out, *number);
  }
  AppendJsonText(std::get<std::string_view>(field.value), out);
}

std::string JsonLine(Severity severity, const std::string& time, std::string_view message,
                     absl::Span<const LogField> fields) {
  std::string line = voxel::StrCat("{\"time\":\"", time, "\",\"level\":\"",
                                   kLevels[static_cast<int>(severity)], "\",\"message\":");
  AppendJsonText(message, &line);
  for (const LogField& field : fields) AppendJsonField(field, &line);
  line.append("}\n");
  return line;
}

}  // namespace

std::string LogLine(LogFormat format, Severity severity, absl::Time time, std::string_view message,
                    absl::Span<const LogField> fields) {
  const auto level = static_cast<int>(severity);
  const std::string when = absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", time, absl::UTCTimeZone());
  std::string line;
  if (format == LogFormat::kJournalText || format == LogFormat::kJournalJson) {
    line.append(kPriorities[level]);
  }
  if (format == LogFormat::kJson || format == LogFormat::kJournalJson) {
    return line + JsonLine(severity, when, message, fields);
  }
  if (format == LogFormat::kText) voxel::StrAppend(&line, when, " ", kLabels[level]);
  AppendEscaped(message, "", &line);
  for (const LogField& field : fields) AppendTextField(field, &line);
  line.push_back('\n');
  return line;
}

}  // namespace voxeld
