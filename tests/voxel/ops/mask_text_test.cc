// The text form of masks: what is read, and where an error stands.
#include "voxel/ops/mask_text.h"

#include <string>

#include "gtest/gtest.h"

namespace voxel {
namespace {

absl::StatusOr<Color> ColorOf(std::string_view text) {
  if (text == "air") return kAir;
  if (text == "grass" || text == "light grass" || text == "solid") return 0x33AA33FF;
  if (text == "#c33") return 0xCC3333FF;
  return Error(Reason::INVALID_COLOR, "the colour is not one");
}

// A mask as unambiguous text, to compare with.
std::string Show(const Mask& mask);
struct Shower {
  template <typename Parts>
  std::string List(const char* name, const Parts& parts) const {
    std::string text = name;
    for (const Mask& part : parts) text += " " + Show(part);
    return "(" + text + ")";
  }
  template <typename... T>
  static std::string Numbers(const char* name, T... numbers) {
    std::string text = name;
    ((text += " " + std::to_string(numbers)), ...);
    return "(" + text + ")";
  }
  std::string operator()(const SolidMask&) const { return "solid"; }
  std::string operator()(const ColorMask& m) const {
    return Numbers("color", m.color, m.tolerance);
  }
  std::string operator()(const InBoxMask& m) const {
    return Numbers("box", m.box.min.x, m.box.min.y, m.box.min.z, m.box.max.x, m.box.max.y,
                   m.box.max.z);
  }
  std::string operator()(const HeightMask& m) const { return Numbers("height", m.low, m.high); }
  std::string operator()(const LayerMask& m) const { return "(layer " + m.layer + ")"; }
  std::string operator()(const SelectionMask& m) const { return "(selection " + m.selection + ")"; }
  std::string operator()(const SurfaceMask&) const { return "surface"; }
  std::string operator()(const ExposedMask& m) const {
    return Numbers("exposed", static_cast<int>(m.axis), m.positive ? 1 : -1);
  }
  std::string operator()(const NeighboursMask& m) const {
    return Numbers("neighbours", m.kind, m.at_least, m.at_most);
  }
  std::string operator()(const NoiseMask& m) const {
    return Numbers("noise", m.scale, m.threshold, m.seed);
  }
  std::string operator()(const ShareMask& m) const { return Numbers("share", m.share, m.seed); }
  std::string operator()(const BesideMask& m) const {
    return (m.above ? "(above " : "(below ") + Show(*m.of) + ")";
  }
  std::string operator()(const NotMask& m) const { return "(not " + Show(*m.of) + ")"; }
  std::string operator()(const AllOfMask& m) const { return List("and", m.parts); }
  std::string operator()(const AnyOfMask& m) const { return List("or", m.parts); }
};
std::string Show(const Mask& mask) { return std::visit(Shower(), mask.is); }

std::string Read(std::string_view text) {
  const auto mask = ParseMask(text, ColorOf);
  return mask.ok() ? Show(*mask) : std::string(mask.status().message());
}

constexpr char kGrass[] = "(color 866792447 0)";

TEST(MaskTextTest, EachPartIsRead) {
  EXPECT_EQ(Read("solid"), "solid");
  EXPECT_EQ(Read("air"), "(color 0 0)");
  EXPECT_EQ(Read("surface"), "surface");
  EXPECT_EQ(Read("grass"), kGrass);
  EXPECT_EQ(Read("\"light grass\""), kGrass);
  EXPECT_EQ(Read("\"solid\""), kGrass);  // a palette name that is a word of masks
  EXPECT_EQ(Read("#c33~16"), "(color 3425907711 16)");
  EXPECT_EQ(Read("exposed(up)"), "(exposed 2 1)");
  EXPECT_EQ(Read("exposed(down)"), "(exposed 2 -1)");
  EXPECT_EQ(Read("exposed(+y)"), "(exposed 1 1)");
  EXPECT_EQ(Read("exposed(-x)"), "(exposed 0 -1)");
  EXPECT_EQ(Read("neighbours(6,5)"), "(neighbours 6 5 6)");
  EXPECT_EQ(Read("neighbours( 26 , 0 , 3 )"), "(neighbours 26 0 3)");
  EXPECT_EQ(Read("box(-1,-2,-3,4,5,6)"), "(box -1 -2 -3 4 5 6)");
  EXPECT_EQ(Read("height(0,10)"), "(height 0 10)");
  EXPECT_EQ(Read("layer(roof-2.b)"), "(layer roof-2.b)");
  EXPECT_EQ(Read("selection(roof-2.b)"), "(selection roof-2.b)");
  EXPECT_EQ(Read("noise(8,50%)"), "(noise 8 500000 0)");
  EXPECT_EQ(Read("noise(8,12.5%,18446744073709551615)"), "(noise 8 125000 18446744073709551615)");
  EXPECT_EQ(Read("share(0.0001%,7)"), "(share 1 7)");
  EXPECT_EQ(Read(">grass"), std::string("(above ") + kGrass + ")");
  EXPECT_EQ(Read("above(grass)"), std::string("(above ") + kGrass + ")");
  EXPECT_EQ(Read("<grass"), std::string("(below ") + kGrass + ")");
  EXPECT_EQ(Read("below(grass)"), std::string("(below ") + kGrass + ")");
}

TEST(MaskTextTest, AndBindsTighterThanOrAndPrefixesTightest) {
  EXPECT_EQ(Read("!air & surface & >grass"),
            std::string("(and (not (color 0 0)) surface (above ") + kGrass + "))");
  EXPECT_EQ(Read("solid|surface&!solid"), "(or solid (and surface (not solid)))");
  EXPECT_EQ(Read("(solid|surface)&!(solid)"), "(and (or solid surface) (not solid))");
  EXPECT_EQ(Read("!>!solid"), "(not (above (not solid)))");
}

TEST(MaskTextTest, ErrorsNameTheColumnAndWhatWasExpected) {
  EXPECT_EQ(Read("solid & "
                 "exposed(left)"),
            "column 17: expected a side: +x, -x, +y, -y, +z, -z, up or down, found \"left\"");
  EXPECT_EQ(Read("solid surface"), "column 7: expected \"&\", \"|\" or the end, found \"surface\"");
  EXPECT_EQ(Read("(solid"), "column 7: expected \"&\", \"|\" or \")\", found the end");
  EXPECT_EQ(Read("solid & gras"), "column 9: the colour is not one");
  EXPECT_EQ(Read("share(0%)"),
            "column 7: expected a share above 0 and up to 100, with at most 4 decimals and \"%\" "
            "behind it, found \"0\"");
  EXPECT_EQ(Read("neighbours(6,7)"),
            "column 14: expected the least of them, a whole number from 0 to 6, found \"7\"");
  EXPECT_EQ(Read("!selection(#roof)"), "column 12: expected a selection's id, found \"#\"");
  EXPECT_EQ(Read("height(5,5)"),
            "column 10: expected the end of z, exclusive, a whole number from 6 to 1073741824, "
            "found \"5\"");
  for (const char* text : {"",
                           " ",
                           "!",
                           "solid &",
                           "&solid",
                           "solid||air",
                           "()",
                           "nope(3)",
                           "#",
                           "\"grass",
                           "\"\"",
                           "share(nan%)",
                           "share(101%)",
                           "share(-1%)",
                           "share(50)",
                           "share(1.00001%)",
                           "noise(0,5%)",
                           "noise(1e3,5%)",
                           "box(0,0,0,1,1)",
                           "height(99999999999999999999,1)",
                           "grass~256",
                           "neighbours(7,1)",
                           "exposed(+w)",
                           "solid\x80",
                           "layer()",
                           "selection",
                           "selection()",
                           "selection(a b)"}) {
    const auto mask = ParseMask(text, ColorOf);
    EXPECT_EQ(ReasonOf(mask.status()), "INVALID_MASK") << text;
    EXPECT_EQ(std::string(mask.status().message()).rfind("column ", 0), 0u) << text;
  }
}

TEST(MaskTextTest, ColumnsCountLetters) {
  EXPECT_EQ(Read("\xC3\xA4\xC3\xB6 & solid"), "column 1: the colour is not one");
  EXPECT_EQ(Read("grass & (\xC3\xA4)"), "column 10: the colour is not one");
  EXPECT_EQ(Read("solid & \"\xC3\xA4\" & ;"), "column 9: the colour is not one");
}

TEST(MaskTextTest, LongAndDeepTextsAreRefused) {
  EXPECT_EQ(Read(std::string(4097, ' ')), "the text has 4097 bytes; accepted is at most 4096");
  EXPECT_EQ(Read(std::string(40, '!') + "solid"),
            "column 33: the mask is nested more than 32 deep");
  EXPECT_EQ(Read(std::string(4000, '(') + "solid"),
            "column 33: the mask is nested more than 32 deep");
  EXPECT_EQ(Read(">>>>>solid"), "above and below are nested more than 4 deep");
  std::string many = "solid";
  for (int i = 0; i < 300; ++i) many += "|air";
  EXPECT_EQ(Read(many), "the mask has more than 256 parts");
}

}  // namespace
}  // namespace voxel
