// A dense array: what touching the memory costs, and so the limit for whoever stores every voxel.
//
// Units: the sides along x and y are 2^kBits voxels, so that an index is two shifts.
#pragma once

#include <sys/mman.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "bench/voxel/workload.h"
#include "voxel/base/check.h"

namespace voxel {

template <int kBits, bool kHugePages>
class DenseGrid {
 public:
  static constexpr bool kKeepsStorage = true;

  // REQUIRES: bounds is 2^kBits wide and high.
  explicit DenseGrid(const Box& bounds)
      : DenseGrid(Index(bounds.min), bounds.Size(2) << (2 * kBits)) {
    std::fill_n(cells_, size_, kAir);  // else what is only read would be one page of zeros
  }
  ~DenseGrid() {
    if (cells_ != nullptr) Spares()[size_].push_back(cells_);
  }
  DenseGrid(DenseGrid&& other) noexcept
      : cells_(std::exchange(other.cells_, nullptr)), origin_(other.origin_), size_(other.size_) {}
  DenseGrid& operator=(DenseGrid&&) = delete;

  struct Writer {
    explicit Writer(DenseGrid& grid) : cells(grid.cells_), origin(grid.origin_) {}
    void Set(Coord c, Color color) { cells[Index(c) - origin] = color; }
    template <typename ColorAt>
    void SetRow(Coord start, int n, ColorAt color_at) {
      Color* const row = cells + (Index(start) - origin);
      for (int i = 0; i < n; ++i) row[i] = color_at(start + Coord{i, 0, 0});
    }
    void Flush() {}
    void Finish() {}

    Color* const cells;
    const int64_t origin;
  };
  struct Reader {
    explicit Reader(const DenseGrid& grid) : cells(grid.cells_), origin(grid.origin_) {}
    Color Get(Coord c) const { return cells[Index(c) - origin]; }
    void GetMany(const std::vector<Coord>& places, Color* out) const {
      for (const Coord c : places) *out++ = Get(c);
    }

    const Color* const cells;
    const int64_t origin;
  };

  // REQUIRES: the box is the whole grid.
  void Fill(const Box&, Color color) { std::fill_n(cells_, size_, color); }
  void Recolor(Color from, Color to) {
    for (int64_t i = 0; i < size_; ++i) cells_[i] = cells_[i] == from ? to : cells_[i];
  }
  DenseGrid Copy() const {
    DenseGrid copy(origin_, size_);
    std::copy_n(cells_, size_, copy.cells_);
    return copy;
  }
  static DenseGrid Union(const DenseGrid& a, const DenseGrid& b) {
    return Combined(a, b, [](Color bottom, Color top) { return top != kAir ? top : bottom; });
  }
  static DenseGrid Subtract(const DenseGrid& a, const DenseGrid& b) {
    return Combined(a, b, [](Color bottom, Color top) { return top != kAir ? kAir : bottom; });
  }
  static DenseGrid Intersect(const DenseGrid& a, const DenseGrid& b) {
    return Combined(a, b, [](Color bottom, Color top) { return top != kAir ? bottom : kAir; });
  }
  uint64_t SumActive() const {
    uint64_t sum = 0;
    for (int64_t i = 0; i < size_; ++i) {
      if (cells_[i] != kAir) sum += cells_[i];
    }
    return sum;
  }
  int64_t Bytes() const { return size_ * static_cast<int64_t>(sizeof(Color)); }

 private:
  DenseGrid(int64_t origin, int64_t size) : origin_(origin), size_(size) {
    std::vector<Color*>& spares = Spares()[size];
    if (!spares.empty()) {
      cells_ = spares.back();
      spares.pop_back();
      return;
    }
    void* const block = mmap(nullptr, static_cast<size_t>(Bytes()), PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    VOXEL_CHECK(block != MAP_FAILED);
    // A refusal only costs speed.
    madvise(block, static_cast<size_t>(Bytes()), kHugePages ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
    cells_ = static_cast<Color*>(block);
  }
  // Blocks that were given up, by cells. They are taken again, because a page's first touch is the
  // kernel's time.
  static std::map<int64_t, std::vector<Color*>>& Spares() {
    static auto* const spares = new std::map<int64_t, std::vector<Color*>>;
    return *spares;
  }
  static int64_t Index(Coord c) {
    return c.x + (int64_t{c.y} << kBits) + (int64_t{c.z} << (2 * kBits));
  }
  template <typename Rule>
  static DenseGrid Combined(const DenseGrid& a, const DenseGrid& b, Rule rule) {
    DenseGrid out(a.origin_, a.size_);
    std::transform(a.cells_, a.cells_ + a.size_, b.cells_, out.cells_, rule);
    return out;
  }

  Color* cells_ = nullptr;
  int64_t origin_ = 0;  // index of the lowest corner
  int64_t size_ = 0;
};

}  // namespace voxel
