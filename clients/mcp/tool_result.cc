#include "clients/mcp/tool_result.h"

#include <utility>

namespace mcp {
namespace {

using Json = nlohmann::json;

constexpr size_t kMaxText = 8000;

// Takes the PNGs out of a response, so that they become pictures and not text. Also from `preview`.
Json TakePictures(Json* response) {
  Json pictures = Json::array();
  if (response->contains("png")) {
    pictures.push_back(
        {{"type", "image"}, {"data", (*response)["png"]}, {"mimeType", "image/png"}});
    response->erase("png");
  }
  if (response->contains("preview")) {
    for (Json& picture : TakePictures(&(*response)["preview"])) pictures.push_back(picture);
  }
  return pictures;
}

}  // namespace

Json Text(const std::string& text) {
  const bool cut = text.size() > kMaxText;
  return {{"type", "text"},
          {"text", cut ? text.substr(0, kMaxText) + " ... (truncated; ask for less)" : text}};
}

Json Failed(const std::string& text) { return {{"isError", true}, {"content", {Text(text)}}}; }

Json FailedWith(const Json& error) {
  const Json& data = error.value("data", Json::object());
  const std::string reason = data.value("reason", "");
  std::string text = (reason.empty() ? "UNAVAILABLE" : reason) + ": " + error.value("message", "");
  if (const std::string field = data.value("field", ""); !field.empty())
    text += " (argument: " + field + ")";
  if (reason == "PROJECT_NOT_FOUND") text += ". Use list_projects, or create_project first.";
  if (reason == "LAYER_AMBIGUOUS" || reason == "LAYER_NOT_FOUND")
    text += ". Use summarize to see the layers.";
  if (reason == "REVISION_MISMATCH")
    text += ". Somebody else changed the project: summarize, then try again.";
  return Failed(text);
}

Json Succeeded(Json response) {
  Json content = TakePictures(&response);
  content.insert(content.begin(), Text(response.dump()));
  return {{"content", content}, {"structuredContent", response}, {"isError", false}};
}

Json Answered(Json answer) {
  return answer.contains("error") ? FailedWith(answer["error"])
                                  : Succeeded(std::move(answer["result"]));
}

}  // namespace mcp
