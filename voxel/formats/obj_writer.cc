#include "voxel/formats/obj_writer.h"

#include <algorithm>
#include <charconv>
#include <numeric>
#include <vector>

#include "absl/strings/str_format.h"
#include "voxel/base/status_macros.h"
#include "voxel/base/str_cat.h"
#include "voxel/base/task_part.h"

namespace voxel {
namespace {

constexpr int64_t kLinesPerCheck = 4096;

std::string MaterialName(Color color) { return absl::StrFormat("c_%08x", color); }

Color WithOpacity(Color color, uint8_t opacity) {
  return (color & ~255u) | Alpha(color) * opacity / 255;
}

// Corners of voxels are points, not cells: they turn about the origin.
Coord PlacePoint(const Transform& placement, Coord point) {
  return placement.rotation.ApplyToVector(point) + placement.offset;
}

// The squares of a mesh in groups of one colour, each in the mesh's order.
std::vector<uint32_t> OrderByColor(const CulledMesh& mesh) {
  std::vector<uint32_t> order(mesh.squares.size());
  std::iota(order.begin(), order.end(), 0u);
  std::stable_sort(order.begin(), order.end(), [&mesh](uint32_t a, uint32_t b) {
    return mesh.squares[a].color < mesh.squares[b].color;
  });
  return order;
}

}  // namespace

ObjWriter::ObjWriter(const Options& options, std::string_view material_file) : options_(options) {
  StrAppend(&text_, "# ", options.y_up ? "y" : "z", " is up; a voxel is ");
  AppendNumber(options.scale);
  StrAppend(&text_, " wide\nmtllib ", material_file, "\n");
  for (int i = 0; i < kSides; ++i) AppendPoint("vn", SideStep(static_cast<Side>(i)), 1.0);
}

void ObjWriter::AppendNumber(double value) {
  char buffer[32];
  // Most numbers are whole, and those are written several times as fast.
  const auto whole = static_cast<int64_t>(value);
  const auto result = static_cast<double>(whole) == value
                          ? std::to_chars(buffer, buffer + sizeof(buffer), whole)
                          : std::to_chars(buffer, buffer + sizeof(buffer), value);
  text_.append(buffer, result.ptr);
}

void ObjWriter::AppendPoint(std::string_view keyword, Coord at, double scale) {
  text_ += keyword;
  const std::array<int32_t, 3> parts = options_.y_up ? std::array<int32_t, 3>{at.x, at.z, -at.y}
                                                     : std::array<int32_t, 3>{at.x, at.y, at.z};
  for (const int32_t part : parts) {
    text_ += ' ';
    AppendNumber(part * scale);
  }
  text_ += '\n';
}

void ObjWriter::AppendCorner(uint64_t vertex, int normal) {
  char buffer[32];
  buffer[0] = ' ';
  char* end = std::to_chars(buffer + 1, buffer + sizeof(buffer) - 3, vertex).ptr;
  *end++ = '/';
  *end++ = '/';
  *end++ = static_cast<char>('0' + normal);  // 1..6
  text_.append(buffer, end);
}

int ObjWriter::NormalNumber(Side side, const Transform& placement) {
  const Coord out = placement.rotation.ApplyToVector(SideStep(side));
  for (int axis = 0; axis < 3; ++axis) {
    if (out[axis] != 0) return 2 * axis + (out[axis] > 0 ? 2 : 1);
  }
  return 1;
}

int64_t ObjWriter::EstimateBytes(const CulledMesh& mesh) {
  constexpr int64_t kVertexBytes = 32;
  constexpr int64_t kSquareBytes = 48;
  return kVertexBytes * static_cast<int64_t>(mesh.vertices.size()) +
         kSquareBytes * static_cast<int64_t>(mesh.squares.size());
}

void ObjWriter::AppendSquare(const MeshSquare& square, const Transform& placement) {
  // A mirrored square is walked the other way round, so that it still faces out.
  const bool mirrored = placement.rotation.mirrors();
  const int normal = NormalNumber(square.side, placement);
  text_ += 'f';
  for (size_t i = 0; i < 4; ++i) {
    AppendCorner(vertices_ + 1 + square.corners[mirrored ? 3 - i : i], normal);
  }
  text_ += '\n';
}

absl::Status ObjWriter::AddObject(std::string_view name, const CulledMesh& mesh,
                                  const Transform& placement, uint8_t opacity,
                                  const TaskContext& context) {
  PieceCounter lines(context, static_cast<int64_t>(mesh.vertices.size() + mesh.squares.size()));
  int64_t line = 0;
  const auto begin_line = [&] {
    lines.Add(1);
    return line++ % kLinesPerCheck == 0 ? context.Check() : absl::OkStatus();
  };
  StrAppend(&text_, "o ", name, "\n");
  for (const Coord vertex : mesh.vertices) {
    VOXEL_RETURN_IF_ERROR(begin_line());
    AppendPoint("v", PlacePoint(placement, vertex), options_.scale);
  }
  Color current = kAir;
  for (const uint32_t index : OrderByColor(mesh)) {
    VOXEL_RETURN_IF_ERROR(begin_line());
    const MeshSquare& square = mesh.squares[index];
    if (const Color color = WithOpacity(square.color, opacity); square.color != current) {
      current = square.color;
      colors_.insert(color);
      StrAppend(&text_, "usemtl ", MaterialName(color), "\n");
    }
    AppendSquare(square, placement);
  }
  vertices_ += mesh.vertices.size();
  return absl::OkStatus();
}

std::string ObjWriter::MaterialText() const {
  std::string text;
  for (const Color color : colors_) {
    const auto part = [](uint32_t channel) { return absl::StrFormat("%.6f", channel / 255.0); };
    StrAppend(&text, "newmtl ", MaterialName(color), "\nKd ", part(Red(color)), " ",
              part(Green(color)), " ", part(Blue(color)), "\nd ", part(Alpha(color)),
              "\nillum 1\n");
  }
  return text;
}

}  // namespace voxel
