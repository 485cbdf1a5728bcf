// What a tool answers: the content of tools/call's result, for an agent to read.
//
// Limits:  an agent's context is small and dear: texts are cut at 8000 bytes, pictures are asked
//          for with at most kMaxPicture bytes.
// Threading: plain functions.
#pragma once

#include <cstdint>
#include <string>

#include "nlohmann/json.hpp"

namespace mcp {

constexpr uint32_t kMaxPicture = 150000;  // bytes of a PNG; base64 and JSON make it a third larger

// One piece of content.
nlohmann::json Text(const std::string& text);

nlohmann::json Failed(const std::string& text);
// Of a method's error, {"code", "message", "data"}: says what to do next.
nlohmann::json FailedWith(const nlohmann::json& error);
// A response as structured content and as text; PNGs in it become pictures.
nlohmann::json Succeeded(nlohmann::json response);
// Of what a method answered, {"result": ...} or {"error": ...}.
nlohmann::json Answered(nlohmann::json answer);

}  // namespace mcp
