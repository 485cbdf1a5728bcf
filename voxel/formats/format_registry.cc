#include <algorithm>
#include <string>

#include "absl/strings/escaping.h"
#include "voxel/base/error.h"
#include "voxel/base/str_cat.h"
#include "voxel/formats/builtin_formats.h"
#include "voxel/formats/format.h"

namespace voxel {
namespace {

constexpr size_t kShownBytes = 8;

std::string Ids(absl::Span<const std::unique_ptr<Format>> formats, bool readable_only) {
  std::string ids;
  for (const auto& format : formats) {
    if (readable_only && !format->info().reads) continue;
    StrAppend(&ids, ids.empty() ? "" : ", ", format->info().id);
  }
  return ids;
}

}  // namespace

FormatRegistry::FormatRegistry() {
  formats_.push_back(MakeVoxFormat());
  formats_.push_back(MakeObjFormat());
}

absl::StatusOr<const Format*> FormatRegistry::Find(std::string_view id) const {
  for (const auto& format : formats_) {
    const FormatInfo& info = format->info();
    const bool by_extension =
        std::find(info.extensions.begin(), info.extensions.end(), id) != info.extensions.end();
    if (info.id == id || by_extension) return format.get();
  }
  return Error(Reason::FORMAT_UNKNOWN,
               StrCat("format \"", absl::CHexEscape(ToAbsl(id.substr(0, 64))), "\" is not one of ",
                      Ids(formats_, /*readable_only=*/false)),
               "format");
}

absl::StatusOr<const Format*> FormatRegistry::Detect(std::string_view bytes) const {
  for (const auto& format : formats_) {
    if (format->info().reads && format->Detect(bytes)) return format.get();
  }
  if (bytes.empty()) return Error(Reason::FORMAT_UNKNOWN, "the file is empty");
  return Error(
      Reason::FORMAT_UNKNOWN,
      StrCat("the file begins with \"", absl::CHexEscape(ToAbsl(bytes.substr(0, kShownBytes))),
             "\", which is none of the formats that can be read: ",
             Ids(formats_, /*readable_only=*/true)));
}

}  // namespace voxel
