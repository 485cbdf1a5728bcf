#include "voxel/ops/surface_check.h"

#include <array>
#include <set>
#include <tuple>

#include "inspect_fixture.h"

namespace voxel {
namespace {

using EdgeKey = std::tuple<Coord, int>;

uint32_t AlphaAt(const InspectedVolume& at, Coord c) { return Alpha(at.At(c)); }

struct EdgeFaces {
  int faces = 0;
  int turns = 0;  // faces that look one way round less those that look the other
};

// The four voxels around an edge, in turn.
std::array<Coord, 4> Around(Coord at, int axis) {
  const int u = (axis + 1) % 3;
  const int v = (axis + 2) % 3;
  std::array<Coord, 4> voxels{at, at, at, at};
  --voxels[0][u];
  --voxels[0][v];
  --voxels[1][v];
  --voxels[3][u];
  return voxels;
}

EdgeFaces FacesAt(const InspectedVolume& volume, Coord at, int axis) {
  EdgeFaces found;
  const std::array<Coord, 4> around = Around(at, axis);
  for (size_t i = 0; i < 4; ++i) {
    const uint32_t here = AlphaAt(volume, around[i]);
    const uint32_t next = AlphaAt(volume, around[(i + 1) % 4]);
    if (here == next) continue;
    ++found.faces;
    found.turns += here < next ? 1 : -1;
  }
  return found;
}

// How many parts the eight voxels around a corner make of those that are (not) of that alpha.
int PartsAround(const InspectedVolume& at, Coord corner, uint32_t least, bool solid) {
  std::set<Coord> left;
  for (int i = 0; i < 8; ++i) {
    const Coord c = corner - Coord{i & 1, i >> 1 & 1, i >> 2};
    if ((AlphaAt(at, c) >= least) == solid) left.insert(c);
  }
  int parts = 0;
  while (!left.empty()) {
    ++parts;
    std::vector<Coord> open{*left.begin()};
    left.erase(left.begin());
    while (!open.empty()) {
      const Coord c = open.back();
      open.pop_back();
      for (int side = 0; side < 6; ++side) {
        Coord next = c;
        next[side / 2] += side % 2 == 0 ? 1 : -1;
        if (left.erase(next) != 0) open.push_back(next);
      }
    }
  }
  return parts;
}

// Whether an edge that begins or ends at the corner has four faces of the surface around `least`.
bool EdgeAlternates(const InspectedVolume& at, Coord corner, uint32_t least) {
  for (int axis = 0; axis < 3; ++axis) {
    for (int back = 0; back < 2; ++back) {
      Coord from = corner;
      from[axis] -= back;
      const auto around = Around(from, axis);
      const auto in = [&](size_t i) { return AlphaAt(at, around[i]) >= least; };
      if (in(0) == in(2) && in(1) == in(3) && in(0) != in(1)) return true;
    }
  }
  return false;
}

bool PinchesAt(const InspectedVolume& at, Coord corner) {
  for (const uint32_t least : {255u, 175u, 95u}) {
    if (EdgeAlternates(at, corner, least)) continue;
    if (PartsAround(at, corner, least, true) > 1 || PartsAround(at, corner, least, false) > 1) {
      return true;
    }
  }
  return false;
}

TEST(SurfaceCheckTest, AgreesWithFacesCountedOneByOne) {
  for (uint64_t seed = 0; seed < 32; ++seed) {
    const InspectedVolume at(seed);
    std::set<EdgeKey> edges;
    int64_t open = 0;
    std::set<Coord> corners;
    std::set<Coord> seen;
    for (const auto& [c, color] : at.voxels) {
      for (int i = 0; i < 8; ++i) seen.insert(c + Coord{i & 1, i >> 1 & 1, i >> 2});
    }
    for (const Coord c : seen) {
      for (int axis = 0; axis < 3; ++axis) {
        const EdgeFaces found = FacesAt(at, c, axis);
        if (found.faces == 0 || found.faces == 2) continue;
        edges.insert({c, axis});
        if (found.turns != 0) ++open;
      }
      if (PinchesAt(at, c)) corners.insert(c);
    }
    const SurfaceFaults found = Got(CheckSurface(at.volume, 1 << 20, TaskContext()));
    std::set<EdgeKey> found_edges;
    for (const GridEdge& edge : found.edge_samples) {
      found_edges.insert({edge.at, static_cast<int>(edge.axis)});
    }
    EXPECT_EQ(found.edges, static_cast<int64_t>(edges.size())) << seed;
    EXPECT_EQ(found.open_edges, open) << seed;
    EXPECT_EQ(found.corners, static_cast<int64_t>(corners.size())) << seed;
    EXPECT_EQ(found_edges, edges) << seed;
    EXPECT_EQ(std::set<Coord>(found.corner_samples.begin(), found.corner_samples.end()), corners)
        << seed;
  }
}

TEST(SurfaceCheckTest, PlainSolidsHaveNoFaults) {
  const Volume ball =
      AppliedTo(Volume(), {EditOf(FillBox{{{-70, -70, -70}, {70, 70, 70}}, Rgba(9, 9, 9), 0}),
                           EditOf(FillBox{{{0, 0, 70}, {9, 9, 90}}, Rgba(8, 9, 9), 0})});
  const SurfaceFaults found = Got(CheckSurface(ball, 16, TaskContext()));
  EXPECT_EQ(found.edges + found.corners, 0);
  EXPECT_EQ(Got(CheckSurface(Volume(), 16, TaskContext())).edges, 0);
}

TEST(SurfaceCheckTest, CubesThatTouchAlongAnEdgeOrAtACorner) {
  VolumeEditor editor{Volume()};
  editor.PutCube({0, 0, 0}, 64, Rgba(9, 9, 9));
  editor.PutCube({64, 64, 0}, 64, Rgba(9, 9, 9));
  const SurfaceFaults edge = Got(CheckSurface(editor.Snapshot(), 2, TaskContext()));
  EXPECT_EQ(edge.edges, 64);
  EXPECT_EQ(edge.open_edges + edge.corners, 0);
  EXPECT_EQ(edge.edge_samples,
            (std::vector<GridEdge>{{{64, 64, 0}, Axis::kZ}, {{64, 64, 1}, Axis::kZ}}));
  editor.PutCube({64, 64, 0}, 64, kAir);
  editor.PutCube({64, 64, 64}, 64, Rgba(9, 9, 9));
  const SurfaceFaults corner = Got(CheckSurface(editor.Commit(), 2, TaskContext()));
  EXPECT_EQ(corner.edges, 0);
  EXPECT_EQ(corner.corners, 1);
  EXPECT_EQ(corner.corner_samples, (std::vector<Coord>{{64, 64, 64}}));
}

TEST(SurfaceCheckTest, GlassBesideStoneHasARim) {
  const Volume volume =
      AppliedTo(Volume(), {EditOf(SetVoxels{{{0, 0, kMaxCoord - 1}, {1, 0, kMaxCoord - 1}},
                                            {Rgba(9, 9, 9), Rgba(9, 9, 9, 100)}})});
  const SurfaceFaults found = Got(CheckSurface(volume, 16, TaskContext()));
  EXPECT_EQ(found.edges, 4);  // around the face between them
  EXPECT_EQ(found.open_edges, 4);
}

TEST(SurfaceCheckTest, StopsWhenToldOrOutOfMemory) {
  const Volume volume = Shell({{0, 0, 0}, {40, 40, 40}}, Rgba(1, 2, 3));
  EXPECT_EQ(ReasonOf(CheckSurface(volume, 4, Cancelled()).status()), "CALL_CANCELLED");
  TaskContext small;
  small.max_new_bytes = 100;
  EXPECT_EQ(ReasonOf(CheckSurface(volume, 4, small).status()), "LIMIT_MEMORY");
}

}  // namespace
}  // namespace voxel
