// A text put together on the stack, for what is only looked at: an error's message, its field. As
// StrCat (str_cat.h), but without a heap call up to kBytes; longer ones go on in a string.
//
// Threading: plain values.
#pragma once

#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "voxel/base/str_cat.h"

namespace voxel {

class ShortText {
 public:
  static constexpr size_t kBytes = 512;

  template <typename... Args>
  explicit ShortText(const Args&... args) {
    (Append(args), ...);
  }
  ShortText(const ShortText& other) { AppendBytes(other); }
  ShortText& operator=(const ShortText&) = delete;

  // A text or a number, as StrCat takes them.
  template <typename T>
  void Append(const T& piece) {
    const absl::AlphaNum shown(internal::StrCatPiece(piece));
    AppendBytes({shown.data(), shown.size()});
  }
  void Append(char c) { AppendBytes({&c, 1}); }
  void Append(const ShortText& text) { AppendBytes(text); }

  // Lives as long as the text is left alone.
  std::string_view view() const {
    return longer_.empty() ? std::string_view(bytes_, size_) : std::string_view(longer_);
  }
  operator std::string_view() const { return view(); }  // NOLINT(google-explicit-constructor)

 private:
  void AppendBytes(std::string_view bytes) {
    if (longer_.empty() && bytes.size() <= kBytes - size_) {
      bytes.copy(bytes_ + size_, bytes.size());
      size_ += bytes.size();
      return;
    }
    if (longer_.empty()) longer_.assign(bytes_, size_);
    longer_.append(bytes);
  }

  char bytes_[kBytes];  // only what was written is ever read
  size_t size_ = 0;
  std::string longer_;  // all of it, once it did not fit
};

}  // namespace voxel
