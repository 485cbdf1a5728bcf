// Edit scripts whose results are pinned: same script, same voxels, on every machine, build and run.
// The hashes stand in tests/data/ops/edit_scripts.inc. A change there is a change of what edits
// mean to users.
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "tests/voxel/ops/edit_fixture.h"
#include "tests/voxel/ops/random_edits.h"
#include "voxel/ops/operations.h"

namespace voxel {
namespace {

constexpr Color kStone = 0x808080FF;
constexpr Color kRoof = 0xAA3311FF;
constexpr Color kGlass = 0x88CCFF60;

std::vector<Edit> Castle() {
  std::vector<Edit> edits{EditOf(FillBox{{{-40, -40, 0}, {41, 41, 20}}, kStone, 2})};
  for (const Coord corner : {Coord{-50, -50, 0}, {30, -50, 0}, {-50, 30, 0}, {30, 30, 0}}) {
    edits.push_back(EditOf(Cylinder{{corner, corner + Coord{20, 20, 35}}, Axis::kZ, kStone, 2}));
    const Coord top = corner + Coord{-2, -2, 35};
    edits.push_back(EditOf(Cone{{top, top + Coord{24, 24, 15}}, Axis::kZ, false, kRoof, 0}));
  }
  edits.push_back(EditOf(FillBox{{{-3, -41, 1}, {4, -37, 8}}, kAir, 0}));
  return edits;
}

std::vector<Edit> Noise(int n) {
  SetVoxels set;
  uint32_t state = 1;
  for (int i = 0; i < n; ++i) {
    int32_t c[3];
    for (int32_t& value : c) {
      state = state * 1664525 + 1013904223;
      value = static_cast<int32_t>(state >> 26) - 32;
    }
    set.positions.push_back({c[0], c[1], c[2]});
    set.colors.push_back(state | 1);
  }
  return {EditOf(std::move(set))};
}

std::vector<Edit> RandomScript(uint64_t seed, int n) {
  RandomEdits random(seed, RandomEdits::AnyArena(seed));
  std::vector<Edit> edits;
  for (int i = 0; i < n; ++i) edits.push_back(random.Next());
  return edits;
}

std::vector<Edit> And(std::vector<Edit> edits, std::vector<Edit> more) {
  edits.insert(edits.end(), more.begin(), more.end());
  return edits;
}

void AddLaterOperations(std::map<std::string, std::vector<Edit>>& scripts) {
  const Box box{{-21, -30, 3}, {40, 29, 61}};
  const auto with = [&](const char* name, std::vector<Edit> before, EditOp op) {
    scripts[name] = And(std::move(before), {EditOf(std::move(op))});
  };
  with("pyramid_x", {}, Pyramid{box, Axis::kX, true, kRoof, 0});
  with("pyramid_wall", {}, Pyramid{box, Axis::kZ, false, kRoof, 3});
  with("capsule", {}, Capsule{{-40, 3, 9}, {35, -17, 50}, 7, kStone});
  with("prism_star", {},
       Prism{{{0, -40, 5}, {24, 33, 5}, {-38, -12, 5}, {38, -12, 5}, {-24, 33, 5}},
             Axis::kZ,
             20,
             kRoof});
  with("walls", {}, Walls{box, Axis::kY, kStone, 4});
  with("faces", {}, Faces{box, kGlass, 2});
  Runs runs;
  for (int32_t i = 0; i < 2000; ++i) {
    runs.runs.push_back(
        {{i * 7 % 61 - 30, i * 5 % 43, i * 3 % 29}, static_cast<uint32_t>(1 + i % 37)});
    runs.colors.push_back(Rgba(static_cast<uint32_t>(i % 9) * 20, 90, 140));
  }
  with("runs", {}, runs);
  with("drain", Castle(), Drain{{0, 40, 10}, 0, 0});
  with("crop", Castle(), Crop{{{-45, -45, 5}, {20, 45, 40}}});
  with("extrude", Castle(), Extrude{{{-50, -50, 0}, {50, 50, 20}}, Axis::kY, 17, false});
  with("extrude_down", Castle(), Extrude{{{-50, -50, 0}, {50, 50, 20}}, Axis::kX, -9, true});
  with("outline_6", Castle(), Outline{kGlass, Neighbours::kFaces, false, 2});
  with("outline_18", Castle(), Outline{kGlass, Neighbours::kEdges, false, 1});
  with("outline_26", Castle(), Outline{kGlass, Neighbours::kCorners, false, 3});
  with("surface", {EditOf(Ellipsoid{box, kStone, 0})},
       Outline{kRoof, Neighbours::kCorners, true, 2});
  with("hollow", {EditOf(FillBox{{{-70, -70, -70}, {70, 70, 70}}, kStone, 0})}, HollowOut{5});
  with("fill_voids", {EditOf(Ellipsoid{box, kStone, 3})}, FillVoids{kGlass});
  with("scale_up", Castle(), Scale{{{-52, -52, 0}, {52, 52, 52}}, 3, false});
  with("scale_down", Castle(), Scale{{{-52, -52, 0}, {52, 52, 52}}, 4, true});
  with("remap", Castle(), Remap{{kStone, kRoof}, {kRoof, kStone}});
  with("quantise", Noise(20'000), Quantise{16});
  with("merge_colors", Noise(20'000), MergeColors{70});
  with("adjust", Noise(20'000), Adjust{77, -30, 12, 25});
}

std::vector<Edit> In(const std::string& layer, std::vector<Edit> edits) {
  for (Edit& edit : edits) edit.layer = layer;
  return edits;
}

// Each mode, on voxels of all alphas and on air.
void AddModes(std::map<std::string, std::vector<Edit>>& scripts) {
  static constexpr std::pair<const char*, Mode> kModes[] = {
      {"over", Mode::kOver},
      {"sub", Mode::kSub},
      {"sub_clamp", Mode::kSubClamp},
      {"paint", Mode::kPaint},
      {"max", Mode::kMax},
      {"intersect", Mode::kIntersect},
      {"mult_alpha", Mode::kMultAlpha},
      {"intersect_fill", Mode::kIntersectFill},
      {"replace", Mode::kReplace}};
  const Box ball{{-25, -20, -15}, {22, 27, 30}};
  for (const auto& [name, mode] : kModes) {
    scripts[std::string("mode_") + name] =
        And(Noise(20'000), {EditOf(Ellipsoid{ball, kGlass, 0}, mode)});
  }
}

void AddFirstOperations(std::map<std::string, std::vector<Edit>>& scripts) {
  const Box tower{{-52, -52, 0}, {-20, -20, 52}};
  scripts["replace"] = And(Castle(), {EditOf(Replace{kStone, kGlass, 9, tower})});
  scripts["clear"] = And(Castle(), {EditOf(Clear{tower})});
  scripts["clear_in_clip"] = And(Castle(), {EditOf(Clear{}, Mode::kReplace, tower)});
  scripts["move"] = And(Castle(), {EditOf(MoveBox{tower, {48, 16, -32}, false})});
  scripts["move_skip_empty"] = And(Castle(), {EditOf(MoveBox{tower, {7, 5, -3}, true})});
  scripts["mirror"] = And(Castle(), {EditOf(Mirror{tower, Axis::kX})});
  scripts["rotate"] = And(Castle(), {EditOf(Rotate{tower, Axis::kY, -1})});
  scripts["drain_tolerant"] =
      And(Noise(20'000),
          {EditOf(Drain{{0, 0, 0}, 200, 0}, Mode::kReplace, Box{{-9, -9, -9}, {9, 9, 9}})});
}

// What has to do with a second layer, and what places all of one.
void AddLayerOperations(std::map<std::string, std::vector<Edit>>& scripts) {
  const Box ball{{-33, -20, 5}, {30, 41, 40}};
  const std::vector<Edit> two =
      And(In("main", Castle()), In("other", {EditOf(Ellipsoid{ball, kGlass, 0})}));
  const auto with = [&](const char* name, std::vector<Edit> edits) {
    scripts[name] = And(two, In("main", std::move(edits)));
  };
  const Box gate{{-10, -42, 0}, {11, -30, 21}};
  with("cut", {EditOf(Cut{gate, "other", Coord{100, -7, 3}, false})});
  with("cut_skip_empty", {EditOf(Cut{gate, "other", std::nullopt, true})});
  Paste paste{"other", std::nullopt, Coord{-5, 3, 31}, Axis::kX, 1, {true, false, true}, true};
  with("paste_all", {EditOf(paste)});
  paste.box = Box{{-20, -20, 9}, {13, 22, 31}};
  paste.skip_empty = false;
  with("paste_box", {EditOf(paste)});
  with("paste_over", {EditOf(paste, Mode::kOver)});
  with("stack", {EditOf(Stack{gate, {0, -1, 1}, 6, true})});
  with("recentre", {EditOf(Recentre{{5, 6, 7}, Anchor::kCentre})});
  with("recentre_base", {EditOf(Recentre{{0, 0, 0}, Anchor::kBase})});
  with("union", {EditOf(Combine{"other", Combination::kUnion, false})});
  with("union_taking_colors", {EditOf(Combine{"other", Combination::kUnion, true})});
  with("subtract", {EditOf(Combine{"other", Combination::kSubtract, false})});
  with("intersect_layers", {EditOf(Combine{"other", Combination::kIntersect, true})});
  with("xor", {EditOf(Combine{"other", Combination::kXor, false})});
  with("flatten", {EditOf(Flatten{})});
  Edit rust = EditOf(Repaint{kRoof, std::nullopt});
  rust.mask = std::make_shared<const Mask>(
      Mask{AllOfMask{{Mask{SurfaceMask{}}, Mask{NoiseMask{9, 400'000, 2}}}}});
  with("repaint_masked", {rust});
  Edit checker = EditOf(Repaint{kAir, Box{{-30, -60, 0}, {60, 30, 40}}});
  checker.pattern = std::make_shared<const Pattern>(CheckerPattern{kStone, kGlass, 3});
  with("repaint_pattern", {checker});
}

std::map<std::string, std::vector<Edit>> Scripts() {
  const Box ball{{-33, -20, 5}, {70, 81, 100}};
  std::map<std::string, std::vector<Edit>> scripts;
  scripts["nothing"] = {};
  scripts["one_voxel"] = {EditOf(SetVoxels{{{-1, 0, 1}}, {kRoof}})};
  scripts["noise"] = Noise(20'000);
  scripts["castle"] = Castle();
  scripts["box_1000"] = {EditOf(FillBox{{{3, 3, 3}, {1003, 1003, 1003}}, kStone, 0})};
  scripts["box_wall"] = {EditOf(FillBox{{{-7, -8, -9}, {90, 80, 70}}, kStone, 3})};
  scripts["ellipsoid"] = {EditOf(Ellipsoid{ball, kGlass, 0})};
  scripts["ellipsoid_wall"] = {EditOf(Ellipsoid{ball, kGlass, 4})};
  scripts["ball_500"] = {EditOf(Ellipsoid{{{0, 0, 0}, {500, 500, 500}}, kStone, 0})};
  scripts["cylinder_x"] = {EditOf(Cylinder{ball, Axis::kX, kStone, 0})};
  scripts["cone_y_flipped"] = {EditOf(Cone{ball, Axis::kY, true, kRoof, 0})};
  scripts["torus"] = {EditOf(Torus{{5, 6, 7}, Axis::kX, 40, 12, kRoof})};
  scripts["line_thin"] = {
      EditOf(Line{{{0, 0, 0}, {100, 37, -20}, {100, 37, 60}, {-5, -50, 3}}, 0, kRoof})};
  scripts["line_thick"] = {EditOf(Line{{{0, 0, 0}, {100, 37, -20}, {-5, -50, 3}}, 5, kRoof})};
  scripts["flood"] = And(Castle(), {EditOf(FloodFill{{0, 0, 10}, kGlass, 0, 0}, Mode::kReplace,
                                           Box{{-60, -60, 0}, {60, 60, 17}})});
  scripts["turned"] = And(Castle(), {EditOf(Rotate{{{-52, -52, 0}, {52, 52, 52}}, Axis::kX, 1}),
                                     EditOf(Mirror{{{-52, -10, -52}, {52, 52, 100}}, Axis::kY})});
  CopyBox copy;
  copy.box = {{-52, -52, 0}, {-20, -20, 52}};
  copy.to = {100, 100, 100};
  copy.count = 5;
  copy.step = {10, -7, 16};
  copy.skip_empty = true;
  scripts["copies"] = And(Castle(), {EditOf(copy)});
  AddModes(scripts);
  AddFirstOperations(scripts);
  AddLaterOperations(scripts);
  AddLayerOperations(scripts);
  scripts["random_1"] = RandomScript(1, 300);
  scripts["random_2"] = RandomScript(2, 300);
  return scripts;
}

const std::map<std::string, uint64_t>& Pinned() {
  static const auto* const pinned = new std::map<std::string, uint64_t>{
#include "tests/data/ops/edit_scripts.inc"
  };
  return *pinned;
}

// The layers "main" and "other" after a script; edits that name none are on "main".
RefPtr<const Document> RunScript(const std::vector<Edit>& script, const TaskContext& context = {}) {
  std::vector<Edit> edits = script;
  for (Edit& edit : edits) {
    if (edit.layer.empty()) edit.layer = "main";
  }
  return Applied(NewDocument({NewLayer("main"), NewLayer("other")}), edits, context).document;
}

void ExpectPinned(const std::string& name, const Volume& volume) {
  const auto pinned = Pinned().find(name);
  EXPECT_TRUE(pinned != Pinned().end() && pinned->second == volume.ContentHash())
      << "{\"" << name << "\", 0x" << std::hex << volume.ContentHash() << "},";
}

TEST(EditScriptsTest, ResultsArePinned) {
  for (const auto& [name, edits] : Scripts()) {
    const auto document = RunScript(edits);
    ExpectPinned(name, document->layers[0]->volume);
    const Volume& other = document->layers[1]->volume;
    if (!other.empty()) ExpectPinned(name + "/other", other);
  }
}

// Every operation and every mode has a script.
TEST(EditScriptsTest, NothingIsLeftUnpinned) {
  std::set<size_t> operations;
  std::set<Mode> modes;
  for (const auto& [name, edits] : Scripts()) {
    if (name.starts_with("random")) continue;
    for (const Edit& edit : edits) {
      operations.insert(edit.op.index());
      modes.insert(edit.mode);
    }
  }
  EXPECT_EQ(operations.size(), Operations().size());
  EXPECT_EQ(modes.size(), 9u);
}

TEST(EditScriptsTest, OneBatchIsAsGoodAsMany) {
  for (const auto& [name, edits] : Scripts()) {
    auto document = RunScript({});
    for (Edit edit : edits) {
      if (edit.layer.empty()) edit.layer = "main";
      document = Applied(document, {edit}).document;
    }
    EXPECT_EQ(document->ContentHash(), RunScript(edits)->ContentHash()) << name;
  }
}

TEST(EditScriptsTest, AnyNumberOfThreadsGivesTheSame) {
  TaskContext context;
  context.threads = 3;
  for (const auto& [name, edits] : Scripts()) {
    EXPECT_EQ(RunScript(edits, context)->ContentHash(), RunScript(edits)->ContentHash()) << name;
  }
}

}  // namespace
}  // namespace voxel
