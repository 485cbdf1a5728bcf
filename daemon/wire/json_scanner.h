// Walks over JSON text and checks all of it, without building anything: for the envelope of a
// request, whose params are read later, by type.
//
// Threading: an object may be used by one thread at a time.
// Cost:      about a nanosecond a byte; no memory.
// Source:    RFC 8259. The text's UTF-8 is not looked at.
#pragma once

#include <cstddef>
#include <string_view>

namespace voxeld {

class JsonScanner {
 public:
  explicit JsonScanner(std::string_view text) : text_(text) {}

  // Each skips space first. False: the text does not go on so, and offset() is where it stops;
  // nothing more can be read.
  bool ReadValue(std::string_view* raw);   // any value, with all that is in it
  bool ReadString(std::string_view* raw);  // with its quotes
  // Takes `c` if it is next; may be asked again if it is not.
  bool Take(char c);
  // The next character that is not space; 0 at the end, where AtEnd tells it from a zero in the
  // text.
  char Peek();

  bool AtEnd() { return Peek() == 0 && at_ == text_.size(); }
  size_t offset() const { return at_; }
  bool too_deep() const { return depth_ > kMaxDepth; }

  // Arrays and objects nested deeper are refused: the scanner calls itself.
  static constexpr int kMaxDepth = 512;

 private:
  bool SkipValue();
  bool SkipContainer(char close);
  // Goes over integers that a comma follows each, which is what most text is.
  void SkipIntegers();
  bool SkipString();
  // Goes over what stands for itself in a string.
  void SkipPlain();
  bool SkipEscape();
  bool SkipHex(unsigned* unit);
  bool SkipNumber();
  bool SkipDigits();
  bool SkipWord(std::string_view word);
  char Here() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  const std::string_view text_;
  size_t at_ = 0;
  int depth_ = 0;
};

}  // namespace voxeld
