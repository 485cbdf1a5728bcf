// The engine, as its users call it: single voxels and rows through a transaction, everything larger
// as an edit of a document, with its checks and its counts.
#pragma once

#include <array>
#include <utility>

#include "bench/voxel/workload.h"
#include "voxel/base/check.h"
#include "voxel/grid/combine.h"
#include "voxel/grid/volume_editor.h"
#include "voxel/ops/apply.h"

namespace voxel {

// A document of one layer.
inline RefPtr<const Document> DocumentOf(Volume volume) {
  auto layer = MakeRef<Layer>();
  layer->id = "main";
  layer->volume = std::move(volume);
  auto document = MakeRef<Document>();
  document->layers.push_back(std::move(layer));
  return document;
}

// REQUIRES: the edit is sensible.
inline RefPtr<const Document> Edited(RefPtr<const Document> document, EditOp op,
                                     const TaskContext& context = {}) {
  Edit edit;
  edit.op = std::move(op);
  absl::StatusOr<ApplyResult> result = ApplyEdits(std::move(document), {&edit, 1}, context);
  VOXEL_CHECK(result.ok());
  return std::move(result->document);
}

class OurGrid {
 public:
  static constexpr bool kKeepsStorage = false;

  explicit OurGrid(const Box&) : document_(DocumentOf(Volume())) {}

  class Writer {
   public:
    explicit Writer(OurGrid& grid) : grid_(grid), editor_(grid.volume()) {}
    void Set(Coord c, Color color) {
      places_[set_] = c;
      colors_[set_] = color;
      if (++set_ == kKept) Flush();
    }
    void Flush() {
      editor_.SetMany({places_.data(), set_}, {colors_.data(), set_});
      set_ = 0;
    }
    template <typename ColorAt>
    void SetRow(Coord start, int n, ColorAt color_at) {
      if (set_ > 0) Flush();
      editor_.SetRow(start, n, color_at);
    }
    void Finish() {
      Flush();
      grid_.document_ = DocumentOf(editor_.Commit());
    }

   private:
    static constexpr size_t kKept = 64;

    OurGrid& grid_;
    VolumeEditor editor_;
    std::array<Coord, kKept> places_;
    std::array<Color, kKept> colors_;
    size_t set_ = 0;  // not written yet
  };
  class Reader {
   public:
    explicit Reader(const OurGrid& grid) : reader_(grid.volume()) {}
    Color Get(Coord c) { return reader_.Get(c); }
    void GetMany(const std::vector<Coord>& places, Color* out) { reader_.GetMany(places, out); }

   private:
    VolumeReader reader_;
  };

  void Fill(const Box& box, Color color) {
    document_ = Edited(std::move(document_), FillBox{.box = box, .color = color});
  }
  void Recolor(Color from, Color to) {
    Replace replace;
    replace.from = from;
    replace.color = to;
    document_ = Edited(std::move(document_), replace);
  }
  OurGrid Copy() const { return *this; }
  static OurGrid Union(const OurGrid& a, const OurGrid& b) { return Combined(a, b, Mode::kOver); }
  static OurGrid Subtract(const OurGrid& a, const OurGrid& b) { return Combined(a, b, Mode::kSub); }
  static OurGrid Intersect(const OurGrid& a, const OurGrid& b) {
    return Combined(a, b, Mode::kIntersect);
  }
  uint64_t SumActive() const {
    uint64_t sum = 0;
    volume().ForEachColors(kWorld, [&](const Cell& cell, const Color* colors) {
      if (colors == nullptr) {
        sum += uint64_t{cell.color} * static_cast<uint64_t>(cell.box().Voxels());
        return true;
      }
      for (int i = 0; i < kBrickVoxels; ++i) sum += colors[i];  // air is 0
      return true;
    });
    return sum;
  }
  int64_t Bytes() const { return volume().Bytes(); }

  const Volume& volume() const { return document_->layers[0]->volume; }
  const RefPtr<const Document>& document() const { return document_; }

 private:
  static OurGrid Combined(const OurGrid& a, const OurGrid& b, Mode mode) {
    OurGrid out(kBothBalls);
    out.document_ = DocumentOf(*BlendVolumes(a.volume(), b.volume(), mode, 255, {}));
    return out;
  }

  RefPtr<const Document> document_;
};

}  // namespace voxel
