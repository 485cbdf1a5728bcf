// Selectors against a model that keeps every position of a small arena one by one; and laws that
// sets obey.
#include "voxel/ops/select.h"

#include <algorithm>
#include <array>
#include <deque>
#include <functional>
#include <random>
#include <set>
#include <string>
#include <utility>

#include "gtest/gtest.h"
#include "tests/voxel/grid/model_run.h"
#include "tests/voxel/ops/edit_fixture.h"
#include "tests/voxel/ops/mask_model.h"
#include "tests/voxel/ops/random_edits.h"
#include "voxel/base/error.h"
#include "voxel/grid/volume_editor.h"
#include "voxel/ops/color_match.h"
#include "voxel/ops/limited.h"
#include "voxel/ops/set_algebra.h"

namespace voxel {
namespace {

constexpr Color kColors[] = {0xFF0000FF, 0x00FF00FF, 0x0000FFFF, 0x10101080};
constexpr Neighbours kKinds[] = {Neighbours::kFaces, Neighbours::kEdges, Neighbours::kCorners};

SelectorPtr Shared(Selector selector) {
  return std::make_shared<const Selector>(std::move(selector));
}

bool AreNeighbours(Coord d, Neighbours kind) {
  const int steps = (d.x != 0) + (d.y != 0) + (d.z != 0);
  return steps == 1 || (steps == 2 && kind != Neighbours::kFaces) ||
         (steps == 3 && kind == Neighbours::kCorners);
}

// Positions of a field around the arena, each in or not: wide enough that what selectors do beyond
// it stays unseen in the arena.
class Field {
 public:
  explicit Field(const Box& box) : box_(box), in_(static_cast<size_t>(box.Voxels())) {}

  const Box& box() const { return box_; }
  bool Has(Coord c) const { return box_.Contains(c) && in_[Index(c)]; }
  void Put(Coord c, bool in) { in_[Index(c)] = in; }

  Field Map(const std::function<bool(Coord)>& in) const {
    Field out(box_);
    ForEach([&](Coord c) { out.Put(c, in(c)); });
    return out;
  }
  template <typename Fn>
  void ForEach(Fn&& fn) const {
    for (int32_t z = box_.min.z; z < box_.max.z; ++z) {
      for (int32_t y = box_.min.y; y < box_.max.y; ++y) {
        for (int32_t x = box_.min.x; x < box_.max.x; ++x) fn(Coord{x, y, z});
      }
    }
  }
  template <typename Fn>
  static void ForEachNeighbour(Coord c, Neighbours kind, Fn&& fn) {
    for (int i = 0; i < 27; ++i) {
      const Coord d{i % 3 - 1, i / 3 % 3 - 1, i / 9 - 1};
      if (AreNeighbours(d, kind) && InWorld(c + d)) fn(c + d);
    }
  }

 private:
  size_t Index(Coord c) const {
    const Coord at = c - box_.min;
    return static_cast<size_t>((at.z * box_.Size(1) + at.y) * box_.Size(0) + at.x);
  }
  Box box_;
  std::vector<bool> in_;
};

// What a selector means, position by position. Beyond the field a set is taken to go on as its
// `far` says: in an inverted one, everything.
struct Answer {
  Field in;
  bool far = false;

  bool Has(Coord c) const { return in.box().Contains(c) ? in.Has(c) : far && InWorld(c); }
};

class Model {
 public:
  Model(const Document& document, const Box& field) : document_(document), blank_(field) {}

  Answer Of(const Selector& selector) const { return std::visit(*this, selector.is); }

  Answer operator()(const StoredSelector& s) const {
    const VoxelSet& set = document_.FindSelection(s.id)->voxels;
    return {blank_.Map([&](Coord c) { return set.Contains(c); }), set.complement};
  }
  Answer operator()(const BoxSelector& s) const {
    return Plain([&](Coord c) { return s.box.Contains(c); });
  }
  Answer operator()(const SolidSelector& s) const {
    return Plain([&](Coord c) { return Get(s.layer, c) != kAir; });
  }
  Answer operator()(const ColorSelector& s) const {
    const ColorMatch match(s.color, s.tolerance);
    return Plain([&](Coord c) {
      return InWorld(c) && (!s.box || s.box->Contains(c)) && match(Get(s.layer, c));
    });
  }
  Answer operator()(const WandSelector& s) const {
    const ColorMatch match(Get(s.layer, s.seed), s.tolerance);
    return Flood(s.seed, s.neighbours,
                 [&](Coord c) { return (!s.box || s.box->Contains(c)) && match(Get(s.layer, c)); });
  }
  Answer operator()(const ConnectedSelector& s) const {
    const Answer of = OfPart(s.of);
    return Flood(s.seed, s.neighbours, [&](Coord c) { return of.Has(c); });
  }
  Answer operator()(const SurfaceSelector& s) const {
    const Answer of = OfPart(s.of);
    if (s.outside) {
      const Answer grown = Grown(of, s.thickness, s.neighbours);
      return {blank_.Map([&](Coord c) { return grown.Has(c) && !of.Has(c); }), false};
    }
    const Answer core = Shrunk(of, s.thickness, s.neighbours);
    return {blank_.Map([&](Coord c) { return of.Has(c) && !core.Has(c); }), false};
  }
  Answer operator()(const ShapeSelector& s) const {
    const Volume drawn = AppliedTo(Volume(), {EditOf(s.op)});
    return Plain([&](Coord c) { return drawn.Get(c) != kAir; });
  }
  Answer operator()(const MaskSelector& s) const {
    MaskModel model{[&](Coord c) { return Get(s.layer, c); }, {}, {}};
    for (const char* id : {"main", "other"}) {
      model.layers[id] = [this, id](Coord c) { return Get(id, c); };
    }
    for (const auto& selection : document_.selections) {
      model.selections[selection->id] = selection->voxels;
    }
    return Plain([&](Coord c) { return s.box->Contains(c) && model.Matches(s.mask, c); });
  }
  Answer operator()(const GrowSelector& s) const {
    return Grown(OfPart(s.of), s.steps, s.neighbours);
  }
  Answer operator()(const ShrinkSelector& s) const {
    return Shrunk(OfPart(s.of), s.steps, s.neighbours);
  }
  Answer operator()(const InvertSelector& s) const {
    const Answer of = OfPart(s.of);
    return {blank_.Map([&](Coord c) {
              return InWorld(c) && (!s.box || s.box->Contains(c)) && !of.Has(c);
            }),
            !s.box && !of.far};
  }
  Answer operator()(const CombineSelector& s) const {
    Answer all = Of(s.of[0]);
    for (size_t i = 1; i < s.of.size(); ++i) {
      const Answer one = Of(s.of[i]);
      const auto meet = [&](bool a, bool b) {
        switch (s.operation) {
          case SetOperation::kUnion:
            return a || b;
          case SetOperation::kIntersect:
            return a && b;
          case SetOperation::kSubtract:
            return a && !b;
          default:
            return a != b;
        }
      };
      all = {blank_.Map([&](Coord c) { return meet(all.Has(c), one.Has(c)); }),
             meet(all.far, one.far)};
    }
    return all;
  }

 private:
  Answer Plain(const std::function<bool(Coord)>& in) const { return {blank_.Map(in), false}; }
  Answer OfPart(const SelectorPtr& of) const {
    return of == nullptr ? (*this)(SolidSelector{}) : Of(*of);
  }
  Color Get(const std::string& layer, Coord c) const {
    if (layer.empty()) return CompositeAt(document_, c);
    const voxel::Layer& found = *document_.layers[static_cast<size_t>(document_.Find(layer))];
    return InWorld(c) ? found.volume.Get(found.transform.Inverse().Apply(c)) : kAir;
  }
  Answer Grown(Answer of, uint32_t steps, Neighbours kind) const {
    for (uint32_t i = 0; i < steps; ++i) {
      const Answer before = of;
      of.in = blank_.Map([&](Coord c) {
        bool in = before.Has(c);
        if (InWorld(c)) {
          Field::ForEachNeighbour(c, kind, [&](Coord next) { in = in || before.Has(next); });
        }
        return in;
      });
    }
    return of;
  }
  Answer Shrunk(Answer of, uint32_t steps, Neighbours kind) const {
    for (uint32_t i = 0; i < steps; ++i) {
      const Answer before = of;
      of.in = blank_.Map([&](Coord c) {
        bool in = before.Has(c);
        Field::ForEachNeighbour(c, kind, [&](Coord next) { in = in && before.Has(next); });
        return in;
      });
    }
    return of;
  }
  Answer Flood(Coord seed, Neighbours kind, const std::function<bool(Coord)>& in) const {
    Answer out{blank_, false};
    std::deque<Coord> queue;
    const auto reach = [&](Coord c) {
      if (!blank_.box().Contains(c) || !InWorld(c) || out.Has(c) || !in(c)) return;
      out.in.Put(c, true);
      queue.push_back(c);
    };
    reach(seed);
    while (!queue.empty()) {
      const Coord c = queue.front();
      queue.pop_front();
      Field::ForEachNeighbour(c, kind, reach);
    }
    return out;
  }

  const Document& document_;
  const Field blank_;
};

Box Around(const Box& box, int32_t by) {
  return {box.min - Coord{by, by, by}, box.max + Coord{by, by, by}};
}

// Random selectors over an arena with something of everything in it.
class Episode {
 public:
  explicit Episode(uint64_t seed)
      : rng_(seed), edits_(seed, RandomEdits::AnyArena(seed)), arena_(edits_.arena()) {
    RefPtr<Document> document = MakeRef<Document>();
    document->layers = {NewLayer("main", AnyVolume()), NewLayer("other", AnyVolume())};
    for (const char* id : {"some", "most"}) {
      Volume ink = *InkOf(
          AnyVolume(), [](Color c) { return c != kColors[1]; }, TaskContext());
      document->PutSelection(
          RefPtr<const Selection>(MakeRef<Selection>(id, VoxelSet{std::move(ink), id[0] == 'm'})));
    }
    document_ = RefPtr<const Document>(std::move(document));
  }

  void Run() {
    // Two steps of growing, one in the other, stay within the margin.
    const Model model(*document_, Around(arena_, 8));
    const Box seen = Around(arena_, 4);
    for (int i = 0; i < 12 && !testing::Test::HasFailure(); ++i) {
      SCOPED_TRACE(i);
      const Selector selector = Any(2);
      SCOPED_TRACE(NameOf(selector));
      const auto got = Select(selector, *document_, TaskContext());
      ASSERT_TRUE(got.ok()) << got.status();
      const Answer want = model.Of(selector);
      EXPECT_EQ(got->complement, want.far);
      ExpectInk(got->ink);
      Field(seen).ForEach([&](Coord c) {
        if (!testing::Test::HasFailure()) {
          EXPECT_EQ(got->Contains(c), want.Has(c) && InWorld(c)) << c.x << " " << c.y << " " << c.z;
        }
      });
    }
  }

  const Document& document() const { return *document_; }
  Selector Any(int depth);

 private:
  // Canonical ink: equal sets have equal volumes, whatever they were made from.
  static void ExpectInk(const Volume& ink) {
    ink.ForEachCell(kWorld, [](const Cell& cell) {
      if (cell.brick == nullptr) {
        EXPECT_EQ(cell.color, kInk);
      } else {
        BrickForEachColor(cell.brick, [](Color color, int) { EXPECT_EQ(color, kInk); });
      }
      return true;
    });
  }

  // Bricks of one colour, of some, of thousands, and air.
  Volume AnyVolume() {
    VolumeEditor editor{Volume()};
    const Coord from{arena_.min.x & ~15, arena_.min.y & ~15, arena_.min.z & ~15};
    for (int32_t z = from.z; z < arena_.max.z; z += 16) {
      for (int32_t y = from.y; y < arena_.max.y; y += 16) {
        for (int32_t x = from.x; x < arena_.max.x; x += 16) PutAny(editor, {x, y, z});
      }
    }
    return *Within(editor.Commit());
  }
  absl::StatusOr<Volume> Within(const Volume& volume) {
    return Limited(volume, {*InkBox(arena_, TaskContext())}, TaskContext());
  }
  void PutAny(VolumeEditor& editor, Coord min) {
    const uint64_t kind = rng_() % 6;
    DenseBrick voxels;
    for (Color& c : voxels) {
      c = kind == 0 ? kAir : kind == 1 ? kColors[0] : kColors[rng_() % 4];
      if (kind == 2) c = Normalized(static_cast<Color>(rng_()));
      if (kind > 3 && rng_() % 3 != 0) c = kAir;
    }
    editor.PutBrick(min, voxels);
  }

  int Below(int n) { return edits_.Below(n); }
  Neighbours AnyKind() { return kKinds[Below(3)]; }
  std::string AnyLayer() { return std::array<const char*, 3>{"", "main", "other"}[Below(3)]; }
  SelectorPtr AnyPart(int depth) { return Shared(Any(depth - 1)); }
  Selector AnyLeaf();
  EditOp AnyShape() {
    for (;;) {
      Edit edit = edits_.Next();
      if (DrawsShape(edit.op)) return edit.op;
    }
  }

  std::mt19937_64 rng_;
  RandomEdits edits_;
  const Box arena_;
  RefPtr<const Document> document_;
};

Selector Episode::AnyLeaf() {
  const Box box = edits_.AnyBox(28);
  switch (Below(8)) {
    case 0:
      return {StoredSelector{Below(2) == 0 ? "some" : "most"}};
    case 1:
      return {BoxSelector{box}};
    case 2:
      return {SolidSelector{AnyLayer()}};
    case 3: {
      ColorSelector color{kColors[Below(4)], static_cast<uint32_t>(Below(3) * 8), AnyLayer(), {}};
      if (Below(2) == 0) color.box = box;
      if (color.box && Below(2) == 0) color.color = kAir;
      return {color};
    }
    case 4: {
      WandSelector wand{edits_.AnyCoord(), static_cast<uint32_t>(Below(3) * 8), AnyKind(),
                        AnyLayer(), arena_};
      return {wand};
    }
    case 5:
      return {ShapeSelector{AnyShape()}};
    case 6:
      return {MaskSelector{AnyMask(rng_, arena_, 2), AnyLayer(), box}};
    default:
      return {
          SurfaceSelector{nullptr, AnyKind(), static_cast<uint32_t>(1 + Below(2)), Below(2) == 0}};
  }
}

Selector Episode::Any(int depth) {
  if (depth == 0) return AnyLeaf();
  const auto steps = static_cast<uint32_t>(1 + Below(2));
  switch (Below(8)) {
    case 0:
      return {GrowSelector{AnyPart(depth), steps, AnyKind()}};
    case 1:
      return {ShrinkSelector{AnyPart(depth), steps, AnyKind()}};
    case 2:
      return {InvertSelector{AnyPart(depth), std::nullopt}};
    case 3:
      return {InvertSelector{AnyPart(depth), edits_.AnyBox(28)}};
    case 4:
      return {SurfaceSelector{AnyPart(depth), AnyKind(), steps, Below(2) == 0}};
    case 5: {
      // Of what has an end.
      CombineSelector bounded{SetOperation::kIntersect, {Any(depth - 1), {BoxSelector{arena_}}}};
      return {ConnectedSelector{edits_.AnyCoord(), AnyKind(), Shared({std::move(bounded)})}};
    }
    default: {
      CombineSelector combine{static_cast<SetOperation>(Below(4)), {}};
      for (int i = 1 + Below(3); i > 0; --i) combine.of.push_back(Any(depth - 1));
      return {std::move(combine)};
    }
  }
}

TEST(SelectTest, RandomSelectorsSelectWhatTheModelDoes) {
  for (uint64_t seed = 0; seed < ModelSeeds(32) && !testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    Episode(seed).Run();
  }
}

VoxelSet Selected(const Selector& selector, const Document& document) {
  auto set = Select(selector, document, TaskContext());
  EXPECT_TRUE(set.ok()) << set.status();
  return set.ok() ? *std::move(set) : VoxelSet();
}

TEST(SelectTest, SetsObeyTheirLaws) {
  for (uint64_t seed = 100; seed < 116 && !testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    Episode episode(seed);
    const TaskContext context;
    const VoxelSet a = Selected(episode.Any(1), episode.document());
    const VoxelSet b = Selected(episode.Any(1), episode.document());
    const auto same = [](const VoxelSet& x, const VoxelSet& y) {
      return SameVoxels(x, y) && x.ink.ContentHash() == y.ink.ContentHash();
    };
    const VoxelSet both = *Intersection(a, b, context);
    const VoxelSet either = *Union(a, b, context);
    EXPECT_TRUE(same(Complement(Complement(a)), a));
    EXPECT_TRUE(same(either, *Union(b, a, context)));
    EXPECT_TRUE(same(both, *Intersection(b, a, context)));
    EXPECT_TRUE(same(Complement(either), *Intersection(Complement(a), Complement(b), context)));
    EXPECT_TRUE(same(*Union(a, both, context), a));
    EXPECT_TRUE(same(*SymmetricDifference(a, b, context), *Difference(either, both, context)));
    EXPECT_TRUE(same(*Union(*Difference(a, b, context), both, context), a));
    for (const Neighbours kind : kKinds) {
      const VoxelSet grown = *Grow(a, 2, kind, context);
      const VoxelSet shrunk = *Shrink(a, 2, kind, context);
      EXPECT_TRUE(same(*Difference(a, grown, context), VoxelSet()));
      EXPECT_TRUE(same(*Difference(shrunk, a, context), VoxelSet()));
      // Closing holds the set, opening lies in it, and both do no more when done again.
      const VoxelSet closed = *Shrink(grown, 2, kind, context);
      const VoxelSet opened = *Grow(shrunk, 2, kind, context);
      EXPECT_TRUE(same(*Difference(a, closed, context), VoxelSet()));
      EXPECT_TRUE(same(*Difference(opened, a, context), VoxelSet()));
      EXPECT_TRUE(same(*Shrink(*Grow(closed, 2, kind, context), 2, kind, context), closed));
      EXPECT_TRUE(same(Complement(grown), *Shrink(Complement(a), 2, kind, context)));
      EXPECT_TRUE(same(*Grow(either, 1, kind, context),
                       *Union(*Grow(a, 1, kind, context), *Grow(b, 1, kind, context), context)));
    }
  }
}

TEST(SelectTest, TheSurfaceIsTheOneThatMasksSee) {
  int inside = 0;
  for (uint64_t seed = 0; seed < 16; ++seed) {
    SCOPED_TRACE(seed);
    Episode episode(seed);
    const Document& document = episode.document();
    if (!Around(kWorld, -1).Contains(document.Bounds())) continue;  // masks see a border at the rim
    ++inside;
    const Selector mask{MaskSelector{{SurfaceMask{}}, "", std::nullopt}};
    EXPECT_TRUE(SameVoxels(Selected({SurfaceSelector{}}, document), Selected(mask, document)));
  }
  EXPECT_GE(inside, 4);
}

TEST(SelectTest, LargeSetsCostTheirSurface) {
  const RefPtr<const Document> empty = OneLayer();
  const Box box{{-300, -300, -300}, {300, 300, 300}};
  const SelectorPtr cube = Shared({BoxSelector{box}});
  const VoxelSet grown = Selected({GrowSelector{cube, 2, Neighbours::kCorners}}, *empty);
  EXPECT_EQ(grown.ink.CountVoxels(), 604LL * 604 * 604);
  EXPECT_EQ(grown.ink.Bounds(), (Box{{-302, -302, -302}, {302, 302, 302}}));
  EXPECT_LT(grown.ink.Bytes(), 16 << 20);
  const VoxelSet rest = Selected({InvertSelector{cube, std::nullopt}}, *empty);
  EXPECT_TRUE(rest.complement);
  EXPECT_TRUE(rest.Contains({kMaxCoord - 1, 0, 0}));
  EXPECT_FALSE(rest.Contains({0, 0, 0}));
  const VoxelSet nothing =
      Selected({InvertSelector{Shared({StoredSelector{"all"}}), std::nullopt}}, [] {
        Document document;
        document.PutSelection(
            RefPtr<const Selection>(MakeRef<Selection>("all", VoxelSet{Volume(), true})));
        return document;
      }());
  EXPECT_FALSE(nothing.complement);
  EXPECT_TRUE(nothing.ink.empty());
}

TEST(SelectTest, AWandOnALargeCubeLeavesItByEveryCorner) {
  VolumeEditor editor{Volume()};
  editor.PutCube({0, 0, 0}, 64, kColors[0]);
  editor.PutCube({64, 64, 64}, 64, kColors[0]);
  editor.PutCube({-64, 64, 0}, 64, kColors[0]);
  const RefPtr<const Document> document = OneLayer(editor.Commit());
  const auto voxels = [&](Neighbours kind) {
    WandSelector wand;
    wand.seed = {5, 5, 5};
    wand.neighbours = kind;
    return Selected({wand}, *document).ink.CountVoxels() / (64 * 64 * 64);
  };
  EXPECT_EQ(voxels(Neighbours::kFaces), 1);
  EXPECT_EQ(voxels(Neighbours::kEdges), 2);
  EXPECT_EQ(voxels(Neighbours::kCorners), 3);
}

TEST(SelectTest, MistakesAreNamedByTheirPlace) {
  const RefPtr<const Document> document = OneLayer();
  const auto refused = [&](Selector selector) {
    CombineSelector all{SetOperation::kUnion, {{BoxSelector{BoxAt({0, 0, 0})}}}};
    all.of.push_back(std::move(selector));
    const auto set = Select({std::move(all)}, *document, TaskContext());
    return ReasonOf(set.status()) + " " + FieldOf(set.status());
  };
  const SelectorPtr box = Shared({BoxSelector{BoxAt({0, 0, 0})}});
  EXPECT_EQ(refused({StoredSelector{"roof"}}), "SELECTION_NOT_FOUND union.of[1].selection");
  EXPECT_EQ(refused({SolidSelector{"roof"}}), "LAYER_NOT_FOUND union.of[1].solid.layer");
  EXPECT_EQ(refused({BoxSelector{}}), "INVALID_FIELD union.of[1].box");
  EXPECT_EQ(refused({BoxSelector{kWorld}}), "LIMIT_VOXELS union.of[1].box");
  EXPECT_EQ(refused({BoxSelector{{{0, 0, 0}, {1, 1, kMaxCoord + 1}}}}),
            "OUT_OF_WORLD union.of[1].box");
  EXPECT_EQ(refused({ColorSelector{kAir, 0, "", std::nullopt}}),
            "INVALID_FIELD union.of[1].color.box");
  EXPECT_EQ(refused({ColorSelector{kInk, 256, "", std::nullopt}}),
            "INVALID_FIELD union.of[1].color.tolerance");
  EXPECT_EQ(refused({WandSelector{{0, 0, 0}, 0, Neighbours::kFaces, "", std::nullopt}}),
            "INVALID_FIELD union.of[1].wand.box");
  EXPECT_EQ(refused({WandSelector{{0, 0, 0}, 0, Neighbours::kFaces, "", BoxAt({1, 0, 0})}}),
            "INVALID_FIELD union.of[1].wand.seed");
  EXPECT_EQ(refused({WandSelector{{0, 0, kMaxCoord}, 0, Neighbours::kFaces, "", std::nullopt}}),
            "OUT_OF_WORLD union.of[1].wand.seed");
  EXPECT_EQ(refused({ConnectedSelector{
                {0, 0, 0}, Neighbours::kFaces, Shared({InvertSelector{box, std::nullopt}})}}),
            "INVALID_FIELD union.of[1].connected.of");
  EXPECT_EQ(refused({SurfaceSelector{box, Neighbours::kFaces, 65, false}}),
            "INVALID_FIELD union.of[1].surface.thickness");
  EXPECT_EQ(refused({GrowSelector{box, 0, Neighbours::kFaces}}),
            "INVALID_FIELD union.of[1].grow.steps");
  EXPECT_EQ(refused({ShrinkSelector{Shared({StoredSelector{"a"}}), 1, Neighbours::kFaces}}),
            "SELECTION_NOT_FOUND union.of[1].shrink.of.selection");
  EXPECT_EQ(refused({InvertSelector{box, Box{}}}), "INVALID_FIELD union.of[1].invert.box");
  EXPECT_EQ(refused({ShapeSelector{Clear{}}}), "INVALID_FIELD union.of[1].shape.clear");
  EXPECT_EQ(refused({ShapeSelector{FillBox{}}}), "INVALID_FIELD union.of[1].shape.box.box");
  EXPECT_EQ(refused({MaskSelector{{LayerMask{"roof"}}, "", BoxAt({0, 0, 0})}}),
            "LAYER_NOT_FOUND union.of[1].mask.mask");
  EXPECT_EQ(refused({MaskSelector{{ShareMask{0, 0}}, "", BoxAt({0, 0, 0})}}),
            "INVALID_MASK union.of[1].mask.mask");
  EXPECT_EQ(refused({MaskSelector{{SolidMask{}}, "", kWorld}}),
            "LIMIT_VOXELS union.of[1].mask.box");
  EXPECT_EQ(refused({CombineSelector{}}), "INVALID_FIELD union.of[1].union.of");
}

TEST(SelectTest, LargeExpressionsAreRefused) {
  Selector deep{BoxSelector{BoxAt({0, 0, 0})}};
  for (int i = 1; i < kMostSelectorDepth; ++i) deep = {InvertSelector{Shared(deep), std::nullopt}};
  EXPECT_EQ(ReasonOf(CheckSelector(deep)), "");
  EXPECT_EQ(ReasonOf(CheckSelector({InvertSelector{Shared(deep), std::nullopt}})), "INVALID_FIELD");
  CombineSelector wide{SetOperation::kUnion, {}};
  wide.of.resize(kMostSelectorParts - 1, {StoredSelector{"a"}});
  EXPECT_EQ(ReasonOf(CheckSelector({wide})), "");
  wide.of.push_back({StoredSelector{"a"}});
  EXPECT_EQ(ReasonOf(CheckSelector({wide})), "INVALID_FIELD");
}

TEST(SelectTest, WorkStopsWhenItIsToldTo) {
  const RefPtr<const Document> document = OneLayer();
  TaskContext small;
  small.max_new_bytes = 1000;
  const Selector shape{ShapeSelector{Ellipsoid{{{0, 0, 0}, {90, 90, 90}}, kInk, 0}}};
  EXPECT_EQ(ReasonOf(Select(shape, *document, small).status()), "LIMIT_MEMORY");
  CancelToken token;
  token.Cancel();
  TaskContext cancelled;
  cancelled.cancel = &token;
  EXPECT_EQ(ReasonOf(Select(shape, *document, cancelled).status()), "CALL_CANCELLED");
}

TEST(LimitedTest, OutsideTheSetThereIsAir) {
  for (uint64_t seed = 0; seed < 10; ++seed) {
    Episode episode(seed);
    const Document& document = episode.document();
    for (const auto& selection : document.selections) {
      const VoxelSet& set = selection->voxels;
      const Volume& whole = document.layers[0]->volume;
      const auto part = Limited(whole, set, TaskContext());
      ASSERT_TRUE(part.ok());
      std::map<Coord, Color> want;
      for (const auto& [c, color] : VoxelsOf(whole)) {
        if (set.Contains(c)) want[c] = color;
      }
      EXPECT_EQ(VoxelsOf(*part), want) << seed << " " << selection->id;
    }
  }
}

}  // namespace
}  // namespace voxel
