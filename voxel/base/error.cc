#include "voxel/base/error.h"

#include <charconv>

#include "voxel/base/error_parts.h"
#include "voxel/base/short_text.h"
#include "voxel/base/status_pool.h"
#include "voxel/base/str_cat.h"
#include "voxel/base/string_view.h"

namespace voxel {
namespace {

// The details of our statuses (status_pool.h): reason, place and field, then key and value of each
// fact, keys in ascending order. Each is written as its size, a colon, and itself.
void AppendPart(std::string_view part, std::string* details) {
  StrAppend(details, part.size(), ":", part);
}

std::string_view TakePart(std::string_view* details) {
  size_t size = 0;
  const char* const end = details->data() + details->size();
  const char* const colon = std::from_chars(details->data(), end, size).ptr;
  if (colon == end) {  // not of ours; whoever takes all parts comes to the end of it
    *details = {};
    return {};
  }
  const auto head = static_cast<size_t>(colon - details->data()) + 1;
  const std::string_view part = details->substr(head, size);
  details->remove_prefix(head + part.size());
  return part;
}

ErrorParts TakeParts(std::string_view* details) {
  ErrorParts parts;
  parts.reason = TakePart(details);
  parts.place = TakePart(details);
  parts.field = TakePart(details);
  return parts;
}

// The facts behind the parts.
std::string_view FactsOf(const absl::Status& status) {
  std::string_view details = DetailsOf(status);
  TakeParts(&details);
  return details;
}

void AppendParts(const ErrorParts& parts, std::string* details) {
  AppendPart(parts.reason, details);
  AppendPart(parts.place, details);
  AppendPart(parts.field, details);
}

absl::StatusCode CodeOf(Reason reason) {
  switch (reason) {
#define VOXEL_REASON(name, code, text) \
  case Reason::name:                   \
    return absl::StatusCode::code;
#include "voxel/base/reason_table.inc"
#undef VOXEL_REASON
  }
  return absl::StatusCode::kInternal;
}

}  // namespace

std::string_view ReasonName(Reason reason) {
  switch (reason) {
#define VOXEL_REASON(name, code, text) \
  case Reason::name:                   \
    return #name;
#include "voxel/base/reason_table.inc"
#undef VOXEL_REASON
  }
  return "INTERNAL";
}

std::optional<Reason> ReasonNamed(std::string_view name) {
#define VOXEL_REASON(reason, code, text) \
  if (name == #reason) return Reason::reason;
#include "voxel/base/reason_table.inc"
#undef VOXEL_REASON
  return std::nullopt;
}

absl::Status Error(Reason reason, std::string_view message, std::string_view field,
                   SourcePlace place) {
  const ShortText where(place.file_name(), ":", place.line());
  return MakeStatus(CodeOf(reason), message, [&](std::string* details) {
    AppendParts({.reason = ReasonName(reason), .place = where, .field = field}, details);
  });
}

absl::Status InField(std::string_view prefix, const absl::Status& status) {
  ErrorParts parts = PartsOf(status);
  if (parts.reason.empty()) return status;
  // "edits[3]" + "[0].x" and "edits[3]" + "box" both read as paths.
  const bool joins = parts.field.empty() || parts.field.front() == '[';
  const ShortText field(prefix, joins ? "" : ".", parts.field);
  parts.field = field;
  return MakeStatus(status.code(), ToStd(status.message()), [&](std::string* details) {
    AppendParts(parts, details);
    details->append(FactsOf(status));
  });
}

ErrorParts PartsOf(const absl::Status& status) {
  std::string_view details = DetailsOf(status);
  return TakeParts(&details);
}

std::string ReasonOf(const absl::Status& status) { return std::string(PartsOf(status).reason); }
bool HasReason(const absl::Status& status, Reason reason) {
  return !status.ok() && PartsOf(status).reason == ReasonName(reason);
}
std::string FieldOf(const absl::Status& status) { return std::string(PartsOf(status).field); }
std::string PlaceOf(const absl::Status& status) { return std::string(PartsOf(status).place); }

void SetFact(absl::Status& status, std::string_view key, std::string_view value) {
  if (status.ok()) return;
  const ErrorParts parts = PartsOf(status);
  status = MakeStatus(status.code(), ToStd(status.message()), [&](std::string* details) {
    AppendParts(parts, details);
    const auto append = [details](std::string_view a_key, std::string_view its_value) {
      AppendPart(a_key, details);
      AppendPart(its_value, details);
    };
    bool set = false;
    for (std::string_view facts = FactsOf(status); !facts.empty();) {
      const std::string_view other = TakePart(&facts);
      const std::string_view its_value = TakePart(&facts);
      if (!set && key <= other) append(key, value);
      set |= key <= other;
      if (other != key) append(other, its_value);
    }
    if (!set) append(key, value);
  });
}

void ForEachFact(const absl::Status& status,
                 void (*fn)(void* arg, std::string_view, std::string_view), void* arg) {
  for (std::string_view facts = FactsOf(status); !facts.empty();) {
    const std::string_view key = TakePart(&facts);
    const std::string_view value = TakePart(&facts);
    fn(arg, key, value);
  }
}

}  // namespace voxel
