#include <gmock/gmock.h>

#include <initializer_list>
#include <sstream>

#include "tests/voxel/formats/vox_testing.h"
#include "voxel/base/error.h"
#include "voxel/base/str_cat.h"
#include "voxel/formats/builtin_formats.h"
#include "voxel/grid/volume_editor.h"

namespace voxel {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

using Point = std::array<double, 3>;

// An OBJ file read back, as any program would.
struct Parsed {
  std::vector<std::string> objects;
  std::vector<std::string> materials;  // of each face
  std::vector<Point> normals;
  std::vector<Point> vertices;
  std::vector<std::vector<size_t>> faces;  // vertex numbers from 0
  std::vector<size_t> face_normals;
};

Parsed Parse(const std::string& text) {
  Parsed parsed;
  std::istringstream lines(text);
  std::string line;
  std::string material;
  while (std::getline(lines, line)) {
    std::istringstream words(line);
    std::string keyword;
    words >> keyword;
    if (keyword == "o") words >> parsed.objects.emplace_back();
    if (keyword == "usemtl") words >> material;
    if (keyword == "v" || keyword == "vn") {
      Point& point = (keyword == "v" ? parsed.vertices : parsed.normals).emplace_back();
      words >> point[0] >> point[1] >> point[2];
    }
    if (keyword == "f") {
      parsed.materials.push_back(material);
      parsed.faces.emplace_back();
      std::string corner;
      while (words >> corner) {
        parsed.faces.back().push_back(std::stoul(corner) - 1);
        if (parsed.faces.back().size() == 1) {
          parsed.face_normals.push_back(std::stoul(corner.substr(corner.find("//") + 2)) - 1);
        }
      }
    }
  }
  return parsed;
}

Point Subtract(Point a, Point b) { return {a[0] - b[0], a[1] - b[1], a[2] - b[2]}; }
Point Cross(Point a, Point b) {
  return {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
}
double Dot(Point a, Point b) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; }

double EnclosedVolume(const Parsed& parsed) {
  double sum = 0;
  for (const std::vector<size_t>& face : parsed.faces) {
    for (size_t i = 1; i + 1 < face.size(); ++i) {
      sum += Dot(parsed.vertices[face[0]],
                 Cross(parsed.vertices[face[i]], parsed.vertices[face[i + 1]])) /
             6;
    }
  }
  return sum;
}

ExportResult Write(const Document& document, std::map<std::string, std::string> values = {}) {
  ExportOptions options;
  options.base_name = "castle";
  options.values = std::move(values);
  absl::StatusOr<ExportResult> result = MakeObjFormat()->Write(document, options, {});
  EXPECT_TRUE(result.ok()) << result.status();
  return *std::move(result);
}

RefPtr<Document> OneLayer(const Transform& transform = {}) {
  const RefPtr<Document> document = MakeRef<Document>();
  RefPtr<Layer> layer = MakeRef<Layer>(*NewLayer(
      "tower", {{{0, 0, 0}, 0xFF0000FF}, {{0, 0, 1}, 0xFF0000FF}, {{1, 0, 0}, 0x00FF00FF}}));
  layer->transform = transform;
  document->layers.push_back(RefPtr<const Layer>::Adopt(layer.release()));
  return document;
}

TEST(ObjTest, WritesMeshAndMaterialsBesideEachOther) {
  const ExportResult result = Write(*OneLayer());
  ASSERT_EQ(result.files.size(), 2u);
  EXPECT_EQ(result.files[0].name, "castle.obj");
  EXPECT_EQ(result.files[1].name, "castle.mtl");
  EXPECT_THAT(result.files[0].data, HasSubstr("mtllib castle.mtl\n"));
  EXPECT_THAT(result.files[1].data,
              HasSubstr("newmtl c_ff0000ff\nKd 1.000000 0.000000 0.000000\nd 1.000000\n"));
  const Parsed parsed = Parse(result.files[0].data);
  EXPECT_EQ(parsed.objects, std::vector<std::string>{"tower"});
  EXPECT_EQ(parsed.faces.size(), 14u);
  EXPECT_EQ(std::count(parsed.materials.begin(), parsed.materials.end(), "c_00ff00ff"), 5);
  EXPECT_DOUBLE_EQ(EnclosedVolume(parsed), 3);
}

TEST(ObjTest, UpIsYUnlessAskedOtherwiseAndScaleIsTheSizeOfAVoxel) {
  const auto highest = [](const Parsed& parsed, size_t axis) {
    double most = -1e9;
    for (const Point& vertex : parsed.vertices) most = std::max(most, vertex[axis]);
    return most;
  };
  const Parsed y_up = Parse(Write(*OneLayer()).files[0].data);
  EXPECT_EQ(highest(y_up, 1), 2);
  EXPECT_DOUBLE_EQ(EnclosedVolume(y_up), 3);
  const Parsed z_up = Parse(Write(*OneLayer(), {{"up", "z"}, {"scale", "0.5"}}).files[0].data);
  EXPECT_EQ(highest(z_up, 2), 1);
  EXPECT_DOUBLE_EQ(EnclosedVolume(z_up), 3 * 0.125);
}

TEST(ObjTest, FacesLookOutHoweverTheLayerIsTurnedOrMirrored) {
  for (uint32_t byte = 0; byte < 128; ++byte) {
    const std::optional<Rotation> rotation = Rotation::FromByte(byte);
    if (!rotation) continue;
    const Parsed parsed = Parse(Write(*OneLayer({*rotation, {-7, 3, 20}})).files[0].data);
    ASSERT_NEAR(EnclosedVolume(parsed), 3, 1e-9) << byte;
    for (size_t i = 0; i < parsed.faces.size(); ++i) {
      const Point& corner = parsed.vertices[parsed.faces[i][0]];
      const Point normal = Cross(Subtract(parsed.vertices[parsed.faces[i][1]], corner),
                                 Subtract(parsed.vertices[parsed.faces[i][2]], corner));
      ASSERT_EQ(normal, parsed.normals[parsed.face_normals[i]]) << byte;
    }
  }
}

TEST(ObjTest, TurnedLayerLiesOnItsWorldVoxels) {
  const RefPtr<Document> document =
      OneLayer({Rotation::Quarter(Axis::kX, 1) * Rotation::Mirror(Axis::kY), {5, 6, 7}});
  const Parsed parsed = Parse(Write(*document, {{"up", "z"}}).files[0].data);
  const Box bounds = document->layers[0]->WorldBounds();
  for (size_t axis = 0; axis < 3; ++axis) {
    double low = 1e9;
    double high = -1e9;
    for (const Point& vertex : parsed.vertices) {
      low = std::min(low, vertex[axis]);
      high = std::max(high, vertex[axis]);
    }
    EXPECT_EQ(low, bounds.min[static_cast<int>(axis)]);
    EXPECT_EQ(high, bounds.max[static_cast<int>(axis)]);
  }
}

TEST(ObjTest, HiddenAndEmptyLayersAreLeftOutAndOpacityThinsColours) {
  const RefPtr<Document> document = OneLayer();
  RefPtr<Layer> hidden = MakeRef<Layer>(*NewLayer("hidden", {{{9, 9, 9}, 0x123456FF}}));
  hidden->visible = false;
  document->layers.push_back(RefPtr<const Layer>::Adopt(hidden.release()));
  document->layers.push_back(NewLayer("empty", {}));
  RefPtr<Layer> glass = MakeRef<Layer>(*NewLayer("glass", {{{20, 0, 0}, 0x0000FFFF}}));
  glass->opacity = 128;
  document->layers.push_back(RefPtr<const Layer>::Adopt(glass.release()));
  const ExportResult result = Write(*document);
  EXPECT_EQ(Parse(result.files[0].data).objects, (std::vector<std::string>{"tower", "glass"}));
  EXPECT_THAT(result.files[1].data, Not(HasSubstr("123456")));
  EXPECT_THAT(result.files[1].data, HasSubstr("newmtl c_0000ff80\n"));
}

TEST(ObjTest, BadOptionsAreNamed) {
  const std::vector<std::pair<std::string, std::string>> bad = {
      {"up", "x"}, {"scale", "0"}, {"scale", "1x"}, {"scale", "nan"}, {"colour", "1"}};
  for (const auto& [key, value] : bad) {
    ExportOptions options;
    options.values[key] = value;
    const absl::Status status = MakeObjFormat()->Write(*OneLayer(), options, {}).status();
    EXPECT_EQ(ReasonOf(status), "INVALID_FIELD") << key << value;
    EXPECT_EQ(FieldOf(status), "options." + key);
  }
}

TEST(ObjTest, MemoryBoundStopsIt) {
  TaskContext context;
  context.max_new_bytes = 1000;  // the mesh takes less, its text more
  EXPECT_EQ(ReasonOf(MakeObjFormat()->Write(*OneLayer(), {}, context).status()), "LIMIT_MEMORY");
}

// Rods with air between them: bricks everywhere.
Volume Bricks(int32_t side) {
  VolumeEditor editor{Volume()};
  for (int32_t z = 0; z < side; z += 2) {
    for (int32_t y = 0; y < side; y += 2) {
      for (int32_t x = 0; x < side; ++x) editor.Set({x, y, z}, 0x806040FF);
    }
  }
  return editor.Commit();
}

RefPtr<Document> BricksOf(std::initializer_list<int32_t> sides) {
  RefPtr<Document> document = MakeRef<Document>();
  for (const int32_t side : sides) {
    RefPtr<Layer> layer = MakeRef<Layer>();
    layer->id = StrCat("bricks", side);
    layer->volume = Bricks(side);
    document->layers.push_back(RefPtr<const Layer>::Adopt(layer.release()));
  }
  return document;
}

TEST(ObjTest, ProgressRisesWithTheWorkOfAllLayers) {
  const auto document = BricksOf({16, 112});
  std::vector<double> seen;
  TaskContext context;
  context.progress = [&seen](double fraction) { seen.push_back(fraction); };
  ASSERT_TRUE(MakeObjFormat()->Write(*document, {}, context).ok());
  ASSERT_FALSE(seen.empty());
  double before = 0;
  for (const double fraction : seen) {
    EXPECT_GT(fraction, before);
    EXPECT_LT(fraction - before, 0.03);  // the small layer is small
    before = fraction;
  }
  EXPECT_DOUBLE_EQ(before, 1);
}

TEST(ObjTest, IsStoppedWhileItMeshesAndWhileItWrites) {
  const auto document = BricksOf({80});
  for (const double at : {0.25, 0.75}) {
    CancelToken cancel;
    TaskContext context;
    context.cancel = &cancel;
    double last = 0;
    context.progress = [&](double fraction) {
      last = fraction;
      if (fraction >= at) cancel.Cancel();
    };
    EXPECT_EQ(ReasonOf(MakeObjFormat()->Write(*document, {}, context).status()), "CALL_CANCELLED");
    EXPECT_LT(last, at + 0.1);
  }
}

TEST(ObjTest, IsNotRead) {
  EXPECT_EQ(ReasonOf(MakeObjFormat()->Read("v 0 0 0", {}, {}).status()), "FORMAT_UNSUPPORTED");
}

}  // namespace
}  // namespace voxel
