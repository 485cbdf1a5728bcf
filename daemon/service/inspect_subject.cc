#include "daemon/service/inspect_subject.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "daemon/convert/geometry.h"
#include "daemon/service/mutation.h"
#include "voxel/base/error.h"
#include "voxel/base/status_macros.h"
#include "voxel/base/str_cat.h"
#include "voxel/base/string_view.h"

namespace voxeld {

using voxel::Error;
using voxel::Reason;

absl::StatusOr<Subject> FindSubject(Services& services, const CallContext& context,
                                    std::string_view project, std::string_view layer,
                                    int64_t revision, const v1::Box* box,
                                    std::string_view selection) {
  Subject subject;
  VOXEL_ASSIGN_OR_RETURN(subject.revision, ReadRevision(services, project, revision));
  if (box != nullptr) {
    VOXEL_ASSIGN_OR_RETURN(subject.box, ToBox(*box, "box"));
  }
  const voxel::Document& document = *subject.revision->document;
  VOXEL_ASSIGN_OR_RETURN(subject.volume, ReadVolume(document, layer, context.Task()));
  VOXEL_ASSIGN_OR_RETURN(subject.volume, OnlySelected(subject.volume, document, selection,
                                                      "selection", LongTask(services, context)));
  return subject;
}

absl::StatusOr<uint32_t> Bounded(uint32_t asked, uint32_t fallback, uint32_t most,
                                 std::string_view field) {
  if (asked <= most) return asked == 0 ? fallback : asked;
  return Error(Reason::INVALID_FIELD, voxel::StrCat(field, " is ", asked, "; it takes 0 to ", most),
               field);
}

std::string ReadPage::Token() const { return voxel::StrCat("at:", revision, ":", first); }

absl::StatusOr<ReadPage> ToReadPage(std::string_view token, int64_t revision) {
  if (token.empty()) return ReadPage{revision, 0};
  ReadPage page;
  const std::vector<absl::string_view> parts = absl::StrSplit(voxel::ToAbsl(token), ':');
  if (parts.size() == 3 && parts[0] == "at" && absl::SimpleAtoi(parts[1], &page.revision) &&
      absl::SimpleAtoi(parts[2], &page.first) && page.revision > 0 && page.first >= 0 &&
      page.Token() == token) {
    if (revision == 0 || revision == page.revision) return page;
    return Error(Reason::INVALID_PAGE_TOKEN,
                 voxel::StrCat("page_token is of revision ", page.revision,
                               "; it does not go with revision ", revision),
                 "page_token");
  }
  return Error(Reason::INVALID_PAGE_TOKEN, "page_token is not one that this method returned",
               "page_token");
}

}  // namespace voxeld
