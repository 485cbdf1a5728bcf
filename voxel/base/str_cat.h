// absl::StrCat for arguments that may be std::string_view: Debian builds Abseil with a string_view
// of its own, which the standard one does not turn into. Also StrAppend. To be deleted once both
// are the same type.
#pragma once

#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "voxel/base/string_view.h"

namespace voxel {
namespace internal {

inline absl::string_view StrCatPiece(std::string_view piece) {
  return {piece.data(), piece.size()};
}
inline absl::string_view StrCatPiece(const std::string& piece) { return piece; }
inline absl::string_view StrCatPiece(const char* piece) { return piece; }
template <typename T>
const T& StrCatPiece(const T& piece) {
  return piece;
}

}  // namespace internal

template <typename... Args>
std::string StrCat(const Args&... args) {
  return absl::StrCat(internal::StrCatPiece(args)...);
}

template <typename... Args>
void StrAppend(std::string* out, const Args&... args) {
  absl::StrAppend(out, internal::StrCatPiece(args)...);
}

}  // namespace voxel
