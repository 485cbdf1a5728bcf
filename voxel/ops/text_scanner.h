// Reads the short texts of masks and patterns piece by piece, and knows the column for an error.
//
// Threading: one thread; the text must outlive the scanner.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "voxel/base/error.h"
#include "voxel/grid/color.h"

namespace voxel {

// The colour of "#c33", "air" or a palette name. The message of an error says what is accepted.
using ColorOfText = absl::FunctionRef<absl::StatusOr<Color>(std::string_view text)>;

class TextScanner {
 public:
  // Errors carry `reason`.
  TextScanner(std::string_view text, Reason reason) : text_(text), reason_(reason) {}

  // All of these skip blanks first.
  bool AtEnd();
  bool Take(char c);            // takes `c` if it comes next
  char Peek();                  // what comes next, 0 at the end
  std::string_view TakeWord();  // letters, digits, '_', '.', '-' and all beyond ASCII; may be empty
  // An integer in [low, high] with an optional sign.
  absl::StatusOr<int64_t> TakeInteger(int64_t low, int64_t high, std::string_view what);
  absl::StatusOr<uint64_t> TakeSeed();
  // A positive number of per cent, with at most four decimals and "%" behind it, in
  // ten-thousandths of a per cent.
  absl::StatusOr<uint32_t> TakePercent(uint32_t most, std::string_view what);
  // "#c33", a name, or a name in double quotes.
  absl::StatusOr<Color> TakeColor(ColorOfText color_of);
  absl::Status Expect(char c, std::string_view what);

  // Where a piece begins that may turn out wrong, after blanks.
  size_t Mark();
  // `column 7: expected a colour, found "&"`, with the fact `column`.
  absl::Status Expected(std::string_view what) { return ExpectedAt(Mark(), what); }
  absl::Status ExpectedAt(size_t mark, std::string_view what);
  absl::Status FailAt(size_t mark, std::string_view message);

 private:
  std::string_view Digits();

  std::string_view text_;
  Reason reason_;
  size_t at_ = 0;
};

}  // namespace voxel
