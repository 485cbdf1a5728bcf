#include "voxel/ops/pattern_text.h"

#include <utility>

#include "voxel/base/status_macros.h"
#include "voxel/base/str_cat.h"

namespace voxel {
namespace {

// What each colour of a mix without shares counts.
constexpr uint32_t kEqualShare = 1'000'000;

class Parser {
 public:
  Parser(std::string_view text, ColorOfText color_of)
      : scan_(text, Reason::INVALID_COLOR), color_of_(color_of) {}

  absl::StatusOr<Pattern> Run() {
    const TextScanner start = scan_;
    const std::string_view word = scan_.TakeWord();
    if (scan_.Peek() == '(') {
      if (word == "checker") return Checker();
      if (word == "gradient") return Gradient();
    }
    scan_ = start;
    return Mix();
  }

 private:
  absl::StatusOr<Pattern> Mix() {
    MixPattern mix;
    bool with_shares = false;
    do {
      if (mix.parts.size() == kMostPatternParts) {
        return scan_.FailAt(scan_.Mark(),
                            StrCat("a pattern has at most ", kMostPatternParts, " colours"));
      }
      MixPattern::Part part{kEqualShare, kAir};
      if (mix.parts.empty()) with_shares = NextIsShare();
      if (with_shares) {
        VOXEL_ASSIGN_OR_RETURN(part.share, scan_.TakePercent(kMostPercent, "a share"));
      } else if (NextIsShare()) {
        return scan_.Expected("a colour without a share, as the first has none");
      }
      VOXEL_ASSIGN_OR_RETURN(part.color, scan_.TakeColor(color_of_));
      mix.parts.push_back(part);
    } while (scan_.Take(','));
    if (scan_.Take(';')) VOXEL_RETURN_IF_ERROR(Seed(mix.seed));
    return End("\",\", \";seed=\" or the end", std::move(mix));
  }
  // Whether a number with "%" behind it comes next: a palette name may begin with a digit.
  bool NextIsShare() {
    if (scan_.Peek() == '-') return true;  // a share that TakePercent will refuse
    TextScanner ahead = scan_;
    return !ahead.TakeWord().empty() && ahead.Peek() == '%';
  }
  absl::Status Seed(uint64_t& seed) {
    const size_t begin = scan_.Mark();
    if (scan_.TakeWord() != "seed" || !scan_.Take('=')) {
      return scan_.ExpectedAt(begin, "\"seed=\"");
    }
    VOXEL_ASSIGN_OR_RETURN(seed, scan_.TakeSeed());
    return absl::OkStatus();
  }

  absl::StatusOr<Pattern> Checker() {
    CheckerPattern checker;
    VOXEL_RETURN_IF_ERROR(scan_.Expect('(', "\"(\""));
    VOXEL_ASSIGN_OR_RETURN(checker.even, scan_.TakeColor(color_of_));
    VOXEL_RETURN_IF_ERROR(Comma());
    VOXEL_ASSIGN_OR_RETURN(checker.odd, scan_.TakeColor(color_of_));
    if (scan_.Take(',')) {
      VOXEL_ASSIGN_OR_RETURN(const int64_t size, scan_.TakeInteger(1, kMaxCoord, "a size"));
      checker.size = static_cast<int32_t>(size);
    }
    VOXEL_RETURN_IF_ERROR(scan_.Expect(')', "\",\" or \")\""));
    return End("the end", checker);
  }

  absl::StatusOr<Pattern> Gradient() {
    GradientPattern gradient;
    VOXEL_RETURN_IF_ERROR(scan_.Expect('(', "\"(\""));
    const size_t begin = scan_.Mark();
    const std::string_view axis = scan_.TakeWord();
    if (axis != "x" && axis != "y" && axis != "z") {
      return scan_.ExpectedAt(begin, "an axis: x, y or z");
    }
    gradient.axis = static_cast<Axis>(axis[0] - 'x');
    VOXEL_RETURN_IF_ERROR(Comma());
    VOXEL_RETURN_IF_ERROR(Place("where it starts", gradient.from));
    VOXEL_RETURN_IF_ERROR(Comma());
    const size_t end = scan_.Mark();
    VOXEL_RETURN_IF_ERROR(Place("where it ends", gradient.to));
    if (gradient.to == gradient.from) return scan_.ExpectedAt(end, "another number than the start");
    VOXEL_RETURN_IF_ERROR(Comma());
    VOXEL_ASSIGN_OR_RETURN(gradient.start, scan_.TakeColor(color_of_));
    VOXEL_RETURN_IF_ERROR(Comma());
    VOXEL_ASSIGN_OR_RETURN(gradient.end, scan_.TakeColor(color_of_));
    VOXEL_RETURN_IF_ERROR(scan_.Expect(')', "\")\""));
    return End("the end", gradient);
  }
  absl::Status Place(std::string_view what, int32_t& out) {
    VOXEL_ASSIGN_OR_RETURN(const int64_t value, scan_.TakeInteger(kMinCoord, kMaxCoord - 1, what));
    out = static_cast<int32_t>(value);
    return absl::OkStatus();
  }

  absl::Status Comma() { return scan_.Expect(',', "\",\""); }
  absl::StatusOr<Pattern> End(std::string_view expected, Pattern pattern) {
    if (!scan_.AtEnd()) return scan_.Expected(expected);
    return pattern;
  }

  static constexpr uint32_t kMostPercent = kMostPatternShare / 10'000;

  TextScanner scan_;
  ColorOfText color_of_;
};

}  // namespace

bool LooksLikePattern(std::string_view text) {
  return text.find_first_of(",%;(\"") != std::string_view::npos;
}

absl::StatusOr<Pattern> ParsePattern(std::string_view text, ColorOfText color_of) {
  if (text.size() > kMostPatternText) {
    return Error(Reason::INVALID_COLOR, StrCat("the text has ", text.size(),
                                               " bytes; accepted is at most ", kMostPatternText));
  }
  VOXEL_ASSIGN_OR_RETURN(Pattern pattern, Parser(text, color_of).Run());
  VOXEL_RETURN_IF_ERROR(CheckPattern(pattern));
  return pattern;
}

}  // namespace voxel
