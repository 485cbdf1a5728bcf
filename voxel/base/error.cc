#include "voxel/base/error.h"

#include <map>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "voxel/base/string_view.h"

namespace voxel {
namespace {

// absl::Status keeps payloads under type URLs; ours are plain text under these names.
constexpr absl::string_view kReasonUrl = "voxeld/reason";
constexpr absl::string_view kFieldUrl = "voxeld/field";
constexpr absl::string_view kPlaceUrl = "voxeld/place";
constexpr absl::string_view kFactPrefix = "voxeld/fact/";

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

std::string PayloadText(const absl::Status& status, absl::string_view url) {
  const auto payload = status.GetPayload(url);
  return payload.has_value() ? std::string(*payload) : std::string();
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
  absl::Status status(CodeOf(reason), ToAbsl(message));
  status.SetPayload(kReasonUrl, absl::Cord(ToAbsl(ReasonName(reason))));
  if (!field.empty()) status.SetPayload(kFieldUrl, absl::Cord(ToAbsl(field)));
  const std::string where = absl::StrCat(place.file_name(), ":", place.line());
  status.SetPayload(kPlaceUrl, absl::Cord(where));
  return status;
}

absl::Status InField(std::string_view prefix, const absl::Status& status) {
  if (ReasonOf(status).empty()) return status;
  const std::string field = FieldOf(status);
  absl::Status out = status;
  // "edits[3]" + "[0].x" and "edits[3]" + "box" both read as paths.
  const bool joins = field.empty() || field.front() == '[';
  out.SetPayload(kFieldUrl, absl::Cord(absl::StrCat(ToAbsl(prefix), joins ? "" : ".", field)));
  return out;
}

std::string ReasonOf(const absl::Status& status) { return PayloadText(status, kReasonUrl); }
bool HasReason(const absl::Status& status, Reason reason) {
  return !status.ok() && ReasonOf(status) == ReasonName(reason);
}
std::string FieldOf(const absl::Status& status) { return PayloadText(status, kFieldUrl); }
std::string PlaceOf(const absl::Status& status) { return PayloadText(status, kPlaceUrl); }

void SetFact(absl::Status& status, std::string_view key, std::string_view value) {
  status.SetPayload(absl::StrCat(kFactPrefix, ToAbsl(key)), absl::Cord(ToAbsl(value)));
}

void ForEachFact(const absl::Status& status,
                 void (*fn)(void* arg, std::string_view, std::string_view), void* arg) {
  std::map<std::string, std::string> facts;  // payloads come in no particular order
  status.ForEachPayload([&](absl::string_view url, const absl::Cord& payload) {
    if (absl::ConsumePrefix(&url, kFactPrefix))
      facts.emplace(std::string(url), std::string(payload));
  });
  for (const auto& [key, value] : facts) fn(arg, key, value);
}

}  // namespace voxel
