#include "daemon/wire/json_pieces.h"

#include "voxel/base/error.h"
#include "voxel/base/status_macros.h"
#include "voxel/base/str_cat.h"

namespace voxeld {
namespace {

constexpr std::string_view kSpace = " \t\r\n";

std::string_view Trim(std::string_view text) {
  const size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

// Where the string that begins at `begin` ends: the place of its closing quote, or npos.
size_t EndOfString(std::string_view text, size_t begin) {
  for (size_t i = begin + 1; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      return i;
    }
  }
  return std::string_view::npos;
}

// The next `wanted` outside strings and brackets, from `begin` on; the text's size if there is
// none.
size_t FindAtTop(std::string_view text, char wanted, size_t begin) {
  int depth = 0;
  for (size_t i = begin; i < text.size(); ++i) {
    const char c = text[i];
    if (c == wanted && depth == 0) return i;
    if (c == '[' || c == '{') ++depth;
    if (c == ']' || c == '}') --depth;
    if (c == '"') {
      i = EndOfString(text, i);
      if (i == std::string_view::npos) break;
    }
  }
  return text.size();
}

absl::StatusOr<std::string_view> Inside(std::string_view json, char open, char close,
                                        std::string_view name) {
  const std::string_view text = Trim(json);
  if (text.size() < 2 || text.front() != open || text.back() != close) {
    return voxel::Error(voxel::Reason::MALFORMED_MESSAGE, voxel::StrCat("not a JSON ", name));
  }
  return Trim(text.substr(1, text.size() - 2));
}

// Calls fn(piece) for each piece between commas; stops at its first error.
template <typename Fn>
absl::Status ForEachPiece(std::string_view inside, Fn fn) {
  for (size_t begin = 0; begin < inside.size();) {
    const size_t comma = FindAtTop(inside, ',', begin);
    VOXEL_RETURN_IF_ERROR(fn(Trim(inside.substr(begin, comma - begin))));
    begin = comma + 1;
    if (begin == inside.size()) return fn({});  // a comma at the very end
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status SplitJsonArray(std::string_view json, std::vector<std::string_view>* pieces) {
  pieces->clear();
  VOXEL_ASSIGN_OR_RETURN(const std::string_view inside, Inside(json, '[', ']', "array"));
  return ForEachPiece(inside, [&](std::string_view piece) {
    pieces->push_back(piece);
    return absl::OkStatus();
  });
}

absl::Status SplitJsonObject(std::string_view json, std::vector<JsonMember>* members) {
  members->clear();
  VOXEL_ASSIGN_OR_RETURN(const std::string_view inside, Inside(json, '{', '}', "object"));
  return ForEachPiece(inside, [&](std::string_view piece) -> absl::Status {
    const size_t end =
        piece.empty() || piece[0] != '"' ? std::string_view::npos : EndOfString(piece, 0);
    const size_t colon = end == std::string_view::npos ? end : FindAtTop(piece, ':', end + 1);
    if (colon == std::string_view::npos || colon == piece.size() ||
        !Trim(piece.substr(end + 1, colon - end - 1)).empty()) {
      return voxel::Error(voxel::Reason::MALFORMED_MESSAGE,
                          "an object's members are \"name\": value");
    }
    members->emplace_back(piece.substr(1, end - 1), Trim(piece.substr(colon + 1)));
    return absl::OkStatus();
  });
}

}  // namespace voxeld
