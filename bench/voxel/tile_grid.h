// A hash map of 16^3 tiles: what most voxel editors are built on. Tiles are shared between copies
// and copied when written; a tile of one colour has no cells.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "bench/voxel/workload.h"
#include "voxel/grid/brick.h"

namespace voxel {

class TileGrid {
  using Cells = DenseBrick;
  struct Tile {
    std::shared_ptr<Cells> cells;  // null: all of one colour
    Color color = kAir;
  };

 public:
  static constexpr bool kKeepsStorage = false;

  explicit TileGrid(const Box&) {}

  // Remembers the tile of the last voxel.
  class Writer {
   public:
    explicit Writer(TileGrid& grid) : grid_(grid) {}
    void Set(Coord c, Color color) { CellsAt(c)[VoxelIndex(c)] = color; }
    template <typename ColorAt>
    void SetRow(Coord start, int n, ColorAt color_at) {
      for (int done = 0; done < n;) {
        const Coord c = start + Coord{done, 0, 0};
        const int run = std::min(n - done, kBrickSize - (c.x & 15));
        Color* const row = &CellsAt(c)[VoxelIndex(c)];
        for (int i = 0; i < run; ++i) row[i] = color_at(c + Coord{i, 0, 0});
        done += run;
      }
    }
    void Flush() {}
    void Finish() {}

   private:
    Cells& CellsAt(Coord c) {
      if (const uint64_t key = Key(c); key != key_) {
        cells_ = &Own(grid_.tiles_[key]);
        key_ = key;
      }
      return *cells_;
    }

    TileGrid& grid_;
    uint64_t key_ = kNoKey;
    Cells* cells_ = nullptr;
  };

  class Reader {
   public:
    explicit Reader(const TileGrid& grid) : grid_(grid) {}
    Color Get(Coord c) {
      if (const uint64_t key = Key(c); key != key_) {
        const auto found = grid_.tiles_.find(key);
        if (found == grid_.tiles_.end()) return kAir;
        tile_ = &found->second;
        key_ = key;
      }
      return tile_->cells != nullptr ? (*tile_->cells)[VoxelIndex(c)] : tile_->color;
    }

   private:
    const TileGrid& grid_;
    uint64_t key_ = kNoKey;
    const Tile* tile_ = nullptr;
  };

  void Fill(const Box& box, Color color) {
    for (int32_t z = box.min.z & ~15; z < box.max.z; z += kBrickSize) {
      for (int32_t y = box.min.y & ~15; y < box.max.y; y += kBrickSize) {
        for (int32_t x = box.min.x & ~15; x < box.max.x; x += kBrickSize) {
          FillTile({x, y, z}, box, color);
        }
      }
    }
  }
  void Recolor(Color from, Color to) {
    for (auto& [key, tile] : tiles_) {
      if (tile.cells == nullptr) {
        if (tile.color == from) tile.color = to;
      } else {
        std::replace(Own(tile).begin(), Own(tile).end(), from, to);
      }
    }
  }
  TileGrid Copy() const { return *this; }
  static TileGrid Union(const TileGrid& a, const TileGrid& b) {
    return Combined(a, b, [](Color bottom, Color top) { return top != kAir ? top : bottom; });
  }
  static TileGrid Subtract(const TileGrid& a, const TileGrid& b) {
    return Combined(a, b, [](Color bottom, Color top) { return top != kAir ? kAir : bottom; });
  }
  static TileGrid Intersect(const TileGrid& a, const TileGrid& b) {
    return Combined(a, b, [](Color bottom, Color top) { return top != kAir ? bottom : kAir; });
  }
  uint64_t SumActive() const {
    uint64_t sum = 0;
    for (const auto& [key, tile] : tiles_) {
      if (tile.cells == nullptr) {
        sum += uint64_t{tile.color} * kBrickVoxels;
        continue;
      }
      for (const Color color : *tile.cells) {
        if (color != kAir) sum += color;
      }
    }
    return sum;
  }
  int64_t Bytes() const {
    // The control block that make_shared puts before the cells, and malloc's own word.
    constexpr size_t kTileBytes = sizeof(Cells) + 16 + 8;
    size_t bytes = tiles_.capacity() * (sizeof(uint64_t) + sizeof(Tile) + 1);
    for (const auto& [key, tile] : tiles_) bytes += tile.cells != nullptr ? kTileBytes : 0;
    return static_cast<int64_t>(bytes);
  }

 private:
  static constexpr uint64_t kNoKey = ~uint64_t{0};

  static int VoxelIndex(Coord c) { return BrickIndex(c.x & 15, c.y & 15, c.z & 15); }
  static uint64_t Key(Coord c) {
    constexpr uint64_t kMask = (uint64_t{1} << 21) - 1;
    return (static_cast<uint64_t>(c.x >> kBrickBits) & kMask) |
           (static_cast<uint64_t>(c.y >> kBrickBits) & kMask) << 21 |
           (static_cast<uint64_t>(c.z >> kBrickBits) & kMask) << 42;
  }
  static Cells& Own(Tile& tile) {
    if (tile.cells == nullptr) {
      tile.cells = std::make_shared<Cells>();
      tile.cells->fill(tile.color);
    } else if (tile.cells.use_count() > 1) {
      tile.cells = std::make_shared<Cells>(*tile.cells);
    }
    return *tile.cells;
  }
  void FillTile(Coord min, const Box& box, Color color) {
    const Box cube{min, min + Coord{kBrickSize, kBrickSize, kBrickSize}};
    const Box part = cube.Intersection(box);
    Tile& tile = tiles_[Key(min)];
    if (part == cube) {
      tile = {nullptr, color};
      return;
    }
    Cells& cells = Own(tile);
    for (int32_t z = part.min.z; z < part.max.z; ++z) {
      for (int32_t y = part.min.y; y < part.max.y; ++y) {
        std::fill_n(&cells[VoxelIndex({part.min.x, y, z})], part.Size(0), color);
      }
    }
  }
  // `rule` keeps air over air, so a tile that neither has needs no look.
  template <typename Rule>
  static TileGrid Combined(const TileGrid& a, const TileGrid& b, Rule rule) {
    TileGrid out = a;
    static const Tile kEmpty;
    for (auto& [key, tile] : out.tiles_) {
      const auto top = b.tiles_.find(key);
      if (top == b.tiles_.end()) Merge(tile, kEmpty, rule);
    }
    for (const auto& [key, top] : b.tiles_) Merge(out.tiles_[key], top, rule);
    return out;
  }
  template <typename Rule>
  static void Merge(Tile& bottom, const Tile& top, Rule rule) {
    if (top.cells == nullptr && top.color == kAir && rule(kPaint, kAir) == kPaint) return;
    if (bottom.cells == nullptr && top.cells == nullptr) {
      bottom.color = rule(bottom.color, top.color);
      return;
    }
    Cells& cells = Own(bottom);
    for (size_t i = 0; i < cells.size(); ++i) {
      cells[i] = rule(cells[i], top.cells != nullptr ? (*top.cells)[i] : top.color);
    }
  }

  absl::flat_hash_map<uint64_t, Tile> tiles_;
};

}  // namespace voxel
