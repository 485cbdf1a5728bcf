#include "voxel/ops/mask_text.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "voxel/base/status_macros.h"
#include "voxel/base/str_cat.h"

namespace voxel {
namespace {

using MaskOr = absl::StatusOr<Mask>;

constexpr char kPrimary[] =
    "a mask: solid, air, surface, exposed(..), neighbours(..), box(..), height(..), layer(..), "
    "selection(..), noise(..), share(..), above(..), below(..), a colour, or one in parentheses";

template <typename T>
Mask Make(T part) {
  return Mask{std::move(part)};
}
MaskPtr Shared(Mask mask) { return std::make_shared<const Mask>(std::move(mask)); }

class Parser {
 public:
  Parser(std::string_view text, ColorOfText color_of)
      : scan_(text, Reason::INVALID_MASK), color_of_(color_of) {}

  MaskOr Run() {
    VOXEL_ASSIGN_OR_RETURN(Mask mask, AnyOf());
    if (!scan_.AtEnd()) return scan_.Expected("\"&\", \"|\" or the end");
    return mask;
  }

 private:
  using Part = MaskOr (Parser::*)();
  struct Word {
    std::string_view name;
    Part parse;
  };
  static absl::Span<const Word> Words();

  // Counts how deep the parser is while it is in a part.
  class Deeper {
   public:
    explicit Deeper(int& depth) : depth_(depth) { ++depth_; }
    ~Deeper() { --depth_; }
    Deeper(const Deeper&) = delete;
    Deeper& operator=(const Deeper&) = delete;

   private:
    int& depth_;
  };

  template <typename List>
  MaskOr Joined(char by, Part parse) {
    std::vector<Mask> parts;
    do {
      VOXEL_ASSIGN_OR_RETURN(Mask part, (this->*parse)());
      parts.push_back(std::move(part));
    } while (scan_.Take(by));
    return parts.size() == 1 ? std::move(parts[0]) : Make(List{std::move(parts)});
  }
  MaskOr AnyOf() { return Joined<AnyOfMask>('|', &Parser::AllOf); }
  MaskOr AllOf() { return Joined<AllOfMask>('&', &Parser::Prefixed); }

  MaskOr Prefixed() {
    const Deeper deeper(depth_);
    if (depth_ > kMostMaskDepth) {
      return scan_.FailAt(scan_.Mark(),
                          StrCat("the mask is nested more than ", kMostMaskDepth, " deep"));
    }
    if (scan_.Take('!')) return Negated(Prefixed());
    if (scan_.Take('>')) return Beside(true, Prefixed());
    if (scan_.Take('<')) return Beside(false, Prefixed());
    if (scan_.Take('(')) {
      VOXEL_ASSIGN_OR_RETURN(Mask mask, AnyOf());
      VOXEL_RETURN_IF_ERROR(scan_.Expect(')', "\"&\", \"|\" or \")\""));
      return mask;
    }
    return Primary();
  }
  static MaskOr Negated(MaskOr of) {
    if (!of.ok()) return of;
    return Make(NotMask{Shared(*std::move(of))});
  }
  static MaskOr Beside(bool above, MaskOr of) {
    if (!of.ok()) return of;
    return Make(BesideMask{above, Shared(*std::move(of))});
  }

  MaskOr Primary() {
    if (scan_.Peek() == '"' || scan_.Peek() == '#') return Colored();
    TextScanner before = scan_;
    const std::string_view word = scan_.TakeWord();
    if (word.empty()) return scan_.Expected(kPrimary);
    for (const Word& known : Words()) {
      if (word == known.name) return (this->*known.parse)();
    }
    if (scan_.Peek() == '(') return before.Expected(kPrimary);
    scan_ = before;
    return Colored();
  }

  MaskOr Solid() { return Make(SolidMask{}); }
  MaskOr Surface() { return Make(SurfaceMask{}); }
  MaskOr Colored() {
    VOXEL_ASSIGN_OR_RETURN(const Color color, scan_.TakeColor(color_of_));
    ColorMask mask{color, 0};
    if (scan_.Take('~')) VOXEL_RETURN_IF_ERROR(Number(0, 255, "a tolerance", mask.tolerance));
    return Make(mask);
  }
  MaskOr Exposed() {
    VOXEL_RETURN_IF_ERROR(Open());
    const size_t begin = scan_.Mark();
    ExposedMask mask;
    if (scan_.Take('+')) {
      VOXEL_RETURN_IF_ERROR(AxisNamed(begin, mask.axis));
    } else {
      const std::string_view side = scan_.TakeWord();
      mask.positive = side == "up";
      if (side == "-x" || side == "-y" || side == "-z") {
        mask.axis = static_cast<Axis>(side[1] - 'x');
      } else if (side != "up" && side != "down") {
        return scan_.ExpectedAt(begin, kSide);
      }
    }
    VOXEL_RETURN_IF_ERROR(Close());
    return Make(mask);
  }
  absl::Status AxisNamed(size_t begin, Axis& axis) {
    const std::string_view name = scan_.TakeWord();
    if (name != "x" && name != "y" && name != "z") return scan_.ExpectedAt(begin, kSide);
    axis = static_cast<Axis>(name[0] - 'x');
    return absl::OkStatus();
  }
  MaskOr Neighbours() {
    VOXEL_RETURN_IF_ERROR(Open());
    NeighboursMask mask;
    const size_t begin = scan_.Mark();
    VOXEL_RETURN_IF_ERROR(Number(6, 26, "6, 18 or 26 neighbours", mask.kind));
    if (mask.kind != 6 && mask.kind != 18 && mask.kind != 26) {
      return scan_.ExpectedAt(begin, "6, 18 or 26 neighbours");
    }
    VOXEL_RETURN_IF_ERROR(Comma());
    VOXEL_RETURN_IF_ERROR(Number(0, mask.kind, "the least of them", mask.at_least));
    mask.at_most = mask.kind;
    if (scan_.Take(',')) {
      VOXEL_RETURN_IF_ERROR(Number(mask.at_least, mask.kind, "the most of them", mask.at_most));
    }
    VOXEL_RETURN_IF_ERROR(Close());
    return Make(mask);
  }
  MaskOr InBox() {
    VOXEL_RETURN_IF_ERROR(Open());
    InBoxMask mask;
    for (int i = 0; i < 6; ++i) {
      if (i > 0) VOXEL_RETURN_IF_ERROR(Comma());
      Coord& corner = i < 3 ? mask.box.min : mask.box.max;
      const int64_t low = i < 3 ? kMinCoord : int64_t{mask.box.min[i - 3]} + 1;
      VOXEL_RETURN_IF_ERROR(Number(low, i < 3 ? kMaxCoord - 1 : kMaxCoord,
                                   i < 3 ? "a coordinate of min" : "a coordinate of max, exclusive",
                                   corner[i % 3]));
    }
    VOXEL_RETURN_IF_ERROR(Close());
    return Make(mask);
  }
  MaskOr Height() {
    VOXEL_RETURN_IF_ERROR(Open());
    HeightMask mask;
    VOXEL_RETURN_IF_ERROR(Number(kMinCoord, kMaxCoord - 1, "the lowest z", mask.low));
    VOXEL_RETURN_IF_ERROR(Comma());
    VOXEL_RETURN_IF_ERROR(
        Number(int64_t{mask.low} + 1, kMaxCoord, "the end of z, exclusive", mask.high));
    VOXEL_RETURN_IF_ERROR(Close());
    return Make(mask);
  }
  MaskOr InLayer() {
    VOXEL_RETURN_IF_ERROR(Open());
    const std::string_view layer = scan_.TakeWord();
    if (layer.empty()) return scan_.Expected("a layer's id");
    VOXEL_RETURN_IF_ERROR(Close());
    return Make(LayerMask{std::string(layer)});
  }
  MaskOr InSelection() {
    VOXEL_RETURN_IF_ERROR(Open());
    const std::string_view selection = scan_.TakeWord();
    if (selection.empty()) return scan_.Expected("a selection's id");
    VOXEL_RETURN_IF_ERROR(Close());
    return Make(SelectionMask{std::string(selection)});
  }
  MaskOr Noise() {
    VOXEL_RETURN_IF_ERROR(Open());
    NoiseMask mask;
    VOXEL_RETURN_IF_ERROR(Number(1, kMostNoiseScale, "a scale", mask.scale));
    VOXEL_RETURN_IF_ERROR(Comma());
    VOXEL_ASSIGN_OR_RETURN(mask.threshold, scan_.TakePercent(100, "a threshold"));
    VOXEL_RETURN_IF_ERROR(SeedAndClose(mask.seed));
    return Make(mask);
  }
  MaskOr Share() {
    VOXEL_RETURN_IF_ERROR(Open());
    ShareMask mask;
    VOXEL_ASSIGN_OR_RETURN(mask.share, scan_.TakePercent(100, "a share"));
    VOXEL_RETURN_IF_ERROR(SeedAndClose(mask.seed));
    return Make(mask);
  }
  MaskOr InParentheses() {
    VOXEL_RETURN_IF_ERROR(Open());
    VOXEL_ASSIGN_OR_RETURN(Mask mask, AnyOf());
    VOXEL_RETURN_IF_ERROR(scan_.Expect(')', "\"&\", \"|\" or \")\""));
    return mask;
  }
  MaskOr Above() { return Beside(true, InParentheses()); }
  MaskOr Below() { return Beside(false, InParentheses()); }

  absl::Status Open() { return scan_.Expect('(', "\"(\""); }
  absl::Status Close() { return scan_.Expect(')', "\")\""); }
  absl::Status Comma() { return scan_.Expect(',', "\",\""); }
  absl::Status SeedAndClose(uint64_t& seed) {
    if (scan_.Take(',')) {
      VOXEL_ASSIGN_OR_RETURN(seed, scan_.TakeSeed());
    }
    return Close();
  }
  template <typename Int>
  absl::Status Number(int64_t low, int64_t high, std::string_view what, Int& out) {
    VOXEL_ASSIGN_OR_RETURN(const int64_t value, scan_.TakeInteger(low, high, what));
    out = static_cast<Int>(value);
    return absl::OkStatus();
  }

  static constexpr char kSide[] = "a side: +x, -x, +y, -y, +z, -z, up or down";

  TextScanner scan_;
  ColorOfText color_of_;
  int depth_ = 0;
};

absl::Span<const Parser::Word> Parser::Words() {
  static constexpr Word kWords[] = {
      {"solid", &Parser::Solid},     {"surface", &Parser::Surface},
      {"exposed", &Parser::Exposed}, {"neighbours", &Parser::Neighbours},
      {"box", &Parser::InBox},       {"height", &Parser::Height},
      {"layer", &Parser::InLayer},   {"selection", &Parser::InSelection},
      {"noise", &Parser::Noise},     {"share", &Parser::Share},
      {"above", &Parser::Above},     {"below", &Parser::Below},
  };
  return kWords;
}

}  // namespace

absl::StatusOr<Mask> ParseMask(std::string_view text, ColorOfText color_of) {
  if (text.size() > kMostMaskText) {
    return Error(Reason::INVALID_MASK, StrCat("the text has ", text.size(),
                                              " bytes; accepted is at most ", kMostMaskText));
  }
  VOXEL_ASSIGN_OR_RETURN(Mask mask, Parser(text, color_of).Run());
  VOXEL_RETURN_IF_ERROR(CheckMask(mask));
  return mask;
}

}  // namespace voxel
