#include "voxel/mesh/culled.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>
#include <utility>

#include "tests/support/colors.h"
#include "voxel/base/error.h"
#include "voxel/grid/volume_editor.h"

namespace voxel {
namespace {

CulledMesh Mesh(const Volume& volume) {
  absl::StatusOr<CulledMesh> mesh = MeshCulled(volume, {});
  EXPECT_TRUE(mesh.ok()) << mesh.status();
  return *std::move(mesh);
}

// Six times the enclosed volume, as the sum of signed tetrahedra from the origin.
int64_t SixVolumes(const CulledMesh& mesh) {
  const auto determinant = [](Coord a, Coord b, Coord c) {
    return int64_t{a.x} * (int64_t{b.y} * c.z - int64_t{b.z} * c.y) -
           int64_t{a.y} * (int64_t{b.x} * c.z - int64_t{b.z} * c.x) +
           int64_t{a.z} * (int64_t{b.x} * c.y - int64_t{b.y} * c.x);
  };
  int64_t sum = 0;
  for (const MeshSquare& square : mesh.squares) {
    const Coord a = mesh.vertices[square.corners[0]];
    const Coord b = mesh.vertices[square.corners[1]];
    const Coord c = mesh.vertices[square.corners[2]];
    const Coord d = mesh.vertices[square.corners[3]];
    sum += determinant(a, b, c) + determinant(a, c, d);
  }
  return sum;
}

// Closed: every edge is walked as often one way as the other.
void ExpectClosed(const CulledMesh& mesh) {
  std::map<std::pair<uint32_t, uint32_t>, int> edges;
  for (const MeshSquare& square : mesh.squares) {
    for (size_t i = 0; i < 4; ++i) {
      const uint32_t from = square.corners[i];
      const uint32_t to = square.corners[(i + 1) % 4];
      ++edges[{from, to}];
      --edges[{to, from}];
    }
  }
  for (const auto& [edge, balance] : edges)
    ASSERT_EQ(balance, 0) << edge.first << " " << edge.second;
}

void ExpectVerticesDifferentAndUsed(const CulledMesh& mesh) {
  const std::set<Coord> different(mesh.vertices.begin(), mesh.vertices.end());
  EXPECT_EQ(different.size(), mesh.vertices.size());
  std::set<uint32_t> used;
  for (const MeshSquare& square : mesh.squares)
    used.insert(square.corners.begin(), square.corners.end());
  EXPECT_EQ(used.size(), mesh.vertices.size());
}

TEST(MeshCulledTest, OneVoxelIsACube) {
  VolumeEditor editor{Volume()};
  editor.Set({-1, 15, 16}, kRed);
  const CulledMesh mesh = Mesh(editor.Commit());
  EXPECT_EQ(mesh.vertices.size(), 8u);
  EXPECT_EQ(mesh.squares.size(), 6u);
  EXPECT_EQ(SixVolumes(mesh), 6);
  ExpectClosed(mesh);
}

TEST(MeshCulledTest, SidesBetweenVoxelsAreLeftOut) {
  VolumeEditor editor{Volume()};
  editor.Set({15, 0, 0}, kRed);
  editor.Set({16, 0, 0}, 0x00FF00FF);  // in the next brick
  const CulledMesh mesh = Mesh(editor.Commit());
  EXPECT_EQ(mesh.squares.size(), 10u);
  EXPECT_EQ(mesh.vertices.size(), 12u);
  EXPECT_EQ(SixVolumes(mesh), 12);
}

TEST(MeshCulledTest, SquareFacesTheWayItsSideSays) {
  VolumeEditor editor{Volume()};
  editor.Set({3, 4, 5}, kRed);
  const CulledMesh mesh = Mesh(editor.Commit());
  for (const MeshSquare& square : mesh.squares) {
    const int axis = SideAxis(square.side);
    for (const uint32_t corner : square.corners) {
      EXPECT_EQ(mesh.vertices[corner][axis],
                Coord({3, 4, 5})[axis] + (SideIsHigh(square.side) ? 1 : 0));
    }
  }
}

TEST(MeshCulledTest, RandomVoxelsEncloseTheirCount) {
  std::mt19937 random(7);
  VolumeEditor editor{Volume()};
  for (int i = 0; i < 20000; ++i) {
    const auto at = [&] { return static_cast<int32_t>(random() % 40) - 20; };
    editor.Set({at(), at(), at()}, Rgba(random() % 4, random() % 4, random() % 4));
  }
  const Volume volume = editor.Commit();
  const CulledMesh mesh = Mesh(volume);
  EXPECT_EQ(SixVolumes(mesh), 6 * volume.CountVoxels());
  ExpectClosed(mesh);
  ExpectVerticesDifferentAndUsed(mesh);
}

TEST(MeshCulledTest, UniformCubesMeetBricksAndEachOtherWithoutSeams) {
  VolumeEditor editor{Volume()};
  editor.PutCube({0, 0, 0}, 64, kRed);
  editor.PutCube({64, 0, 0}, 16, kRed);
  editor.PutCube({-16, 0, 0}, 16, 0x00FF00FF);
  editor.Set({10, 10, 64}, kRed);
  editor.Set({0, 0, 0}, kAir);
  const Volume volume = editor.Commit();
  const CulledMesh mesh = Mesh(volume);
  EXPECT_EQ(SixVolumes(mesh), 6 * volume.CountVoxels());
  ExpectClosed(mesh);
  ExpectVerticesDifferentAndUsed(mesh);
}

TEST(MeshCulledTest, GlassHidesNothingAndIsOnlySeenFromOutside) {
  VolumeEditor editor{Volume()};
  editor.Set({0, 0, 0}, kRed);
  editor.Set({1, 0, 0}, 0x0000FF40);
  const CulledMesh mesh = Mesh(editor.Commit());
  int red = 0;
  int glass = 0;
  for (const MeshSquare& square : mesh.squares) ++(square.color == kRed ? red : glass);
  EXPECT_EQ(red, 6);
  EXPECT_EQ(glass, 5);
}

TEST(MeshCulledTest, EmptyVolumeHasNoMesh) { EXPECT_TRUE(Mesh(Volume()).squares.empty()); }

TEST(MeshCulledTest, ProgressCountsBricksAndTheSidesOfCubes) {
  VolumeEditor editor{Volume()};
  editor.PutCube({0, 0, 0}, 64, kRed);
  for (int32_t x = 0; x < 4; ++x) editor.Set({100 + 16 * x, 0, 0}, kRed);
  const Volume volume = editor.Commit();
  EXPECT_EQ(CulledPieces(volume), 6 * 16 + 4);
  std::vector<double> seen;
  TaskContext context;
  context.progress = [&seen](double fraction) { seen.push_back(fraction); };
  ASSERT_TRUE(MeshCulled(volume, context).ok());
  ASSERT_EQ(seen.size(), 100u);
  for (size_t i = 0; i < seen.size(); ++i) {
    EXPECT_DOUBLE_EQ(seen[i], static_cast<double>(i + 1) / 100);
  }
}

TEST(MeshCulledTest, MemoryBoundStopsIt) {
  VolumeEditor editor{Volume()};
  for (int32_t x = 0; x < 64; x += 2) editor.Set({x, 0, 0}, kRed);
  TaskContext context;
  context.max_new_bytes = 1000;
  EXPECT_EQ(ReasonOf(MeshCulled(editor.Commit(), context).status()), "LIMIT_MEMORY");
}

}  // namespace
}  // namespace voxel
