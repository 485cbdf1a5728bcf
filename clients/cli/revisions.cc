#include "clients/cli/revisions.h"

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <utility>

#include "clients/cli/message_fields.h"
#include "clients/cli/output.h"
#include "google/protobuf/message.h"

namespace voxctl {
namespace {

using google::protobuf::Message;
using Json = nlohmann::json;

// As a checkpoint may be called, and no number.
bool IsName(const std::string& text) {
  return !text.empty() && std::isalnum(static_cast<unsigned char>(text[0])) != 0 &&
         !std::all_of(text.begin(), text.end(),
                      [](unsigned char c) { return std::isdigit(c) != 0; });
}

// The revision of that checkpoint; 0 if the page does not have it.
int64_t FindIn(const Message& page, const std::string& name) {
  const auto* list = FieldOf(page, "checkpoints");
  for (int i = 0; i < page.GetReflection()->FieldSize(page, list); ++i) {
    const Message& entry = page.GetReflection()->GetRepeatedMessage(page, list, i);
    if (StringField(entry, "checkpoint") == name) return Int64Field(entry, "revision");
  }
  return 0;
}

int Resolve(Session& session, const std::string& project, std::string* text) {
  int64_t revision = 0;
  std::string token;
  do {
    const Json request = {{"project", project}, {"page_size", 1000}, {"page_token", token}};
    const int code = session.Call("history.list_checkpoints", request, [&](const Message& page) {
      revision = FindIn(page, *text);
      token = StringField(page, "next_page_token");
      return true;
    });
    if (code != 0) return code;
  } while (revision == 0 && !token.empty());
  if (revision == 0) {
    PrintFailure(session.format(),
                 {.code = "NOT_FOUND",
                  .reason = "CHECKPOINT_NOT_FOUND",
                  .field = "checkpoint",
                  .message = "project \"" + project + "\" has no checkpoint \"" + *text + "\""});
    return 1;
  }
  *text = std::to_string(revision);
  return 0;
}

}  // namespace

int ResolveCheckpoints(Session& session, std::map<std::string, std::string>* values) {
  const auto project = values->find("project");
  if (project == values->end()) return 0;
  const auto other = values->find("to_project");
  const bool compares_two = other != values->end() && !other->second.empty();
  for (const char* path : {"revision", "from_revision", "to_revision", "branch_revision"}) {
    const auto value = values->find(path);
    if (value == values->end() || !IsName(value->second)) continue;
    std::string of = project->second;
    if (value->first == "to_revision" && compares_two) of = other->second;
    if (value->first == "branch_revision") of = values->at("branch");
    if (const int code = Resolve(session, of, &value->second); code != 0) return code;
  }
  return 0;
}

}  // namespace voxctl
