#include "voxel/ops/set_few.h"

#include <random>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "voxel/grid/diff.h"

namespace voxel {
namespace {

RefPtr<const Document> BaseAndTop() {
  auto document = MakeRef<Document>();
  for (const char* id : {"base", "top"}) {
    auto layer = MakeRef<Layer>();
    layer->id = id;
    layer->labels["made"] = "here";
    document->layers.push_back(RefPtr<const Layer>::Adopt(layer.release()));
  }
  document->title = "a title too long to stand in the string itself";
  return RefPtr<const Document>::Adopt(document.release());
}

RefPtr<const Document> Altered(const Document& document, int index, void (*change)(Layer&)) {
  RefPtr<Document> copy = Document::CopyOf(document);
  RefPtr<Layer> layer = Layer::CopyOf(*document.layers[static_cast<size_t>(index)]);
  change(*layer);
  copy->layers[static_cast<size_t>(index)] = RefPtr<const Layer>::Adopt(layer.release());
  return RefPtr<const Document>::Adopt(copy.release());
}

TEST(SetFewTest, SaysWhatApplyEditsWouldHaveDone) {
  std::mt19937 engine(7);
  const auto random = [&engine](uint32_t below) { return static_cast<uint32_t>(engine() % below); };
  const auto place = [&random](uint32_t below) { return static_cast<int32_t>(random(below)); };
  RefPtr<const Document> document = BaseAndTop();
  for (int step = 0; step < 300; ++step) {
    Edit edit;
    edit.layer = step % 3 == 0 ? "top" : "base";
    SetVoxels set;
    for (uint32_t n = 1 + random(20); n > 0; --n) {
      set.positions.push_back({place(16) - 16, place(16), place(4)});
      set.colors.push_back(random(4) == 0 ? kAir : Rgba(random(3), 1, 1));
    }
    edit.op = set;
    const auto few = TrySetFew(*document, edit.layer, set.positions, set.colors, {});
    const auto applied = ApplyEdits(document, {&edit, 1}, {});
    ASSERT_TRUE(few.has_value() && applied.ok());
    EXPECT_EQ(few->document->ContentHash(), applied->document->ContentHash());
    EXPECT_TRUE(SameSettings(*few->document, *document));
    EXPECT_EQ(few->count.changed, applied->counts[0].changed);
    EXPECT_EQ(few->count.unchanged, applied->counts[0].unchanged);
    EXPECT_EQ(few->let_go_bytes, document->BytesNotIn(*few->document));
    EXPECT_EQ(few->document == document, applied->document == document);
    EXPECT_EQ(document->layers[static_cast<size_t>(few->layer)]->id, edit.layer);
    document = few->document;
  }
}

TEST(SetFewTest, TheLongWayIsForAllElse) {
  const RefPtr<const Document> document = BaseAndTop();
  const std::vector<Color> red = {Rgba(255, 0, 0)};
  const std::vector<Coord> here = {{1, 2, 3}};
  const auto tried = [&](const Document& in, const std::string& layer, const TaskContext& context) {
    return TrySetFew(in, layer, here, red, context).has_value();
  };
  EXPECT_TRUE(tried(*document, "base", {}));
  EXPECT_FALSE(tried(*document, "", {}));
  EXPECT_FALSE(tried(*document, "none", {}));
  EXPECT_FALSE(tried(*Altered(*document, 0, [](Layer& l) { l.locked = true; }), "base", {}));
  EXPECT_FALSE(tried(*Altered(*document, 0, [](Layer& l) { l.linked_to = "top"; }), "base", {}));
  EXPECT_FALSE(tried(*Altered(*document, 1, [](Layer& l) { l.linked_to = "base"; }), "base", {}));
  EXPECT_FALSE(tried(*Altered(*document, 0,
                              [](Layer& l) {
                                l.transform.offset = {1, 0, 0};
                              }),
                     "base", {}));
  TaskContext cancelled;
  CancelToken token;
  token.Cancel();
  cancelled.cancel = &token;
  EXPECT_FALSE(tried(*document, "base", cancelled));
  TaskContext small;
  small.max_voxels = 0;
  EXPECT_FALSE(tried(*document, "base", small));
  const std::vector<Coord> outside = {{1, 2, 3}, {kMaxCoord, 2, 3}};
  EXPECT_FALSE(TrySetFew(*document, "base", outside, red, {}).has_value());
  const std::vector<Coord> many(kMostPlaces + 1, Coord{1, 2, 3});
  EXPECT_FALSE(TrySetFew(*document, "base", many, red, {}).has_value());
}

}  // namespace
}  // namespace voxel
