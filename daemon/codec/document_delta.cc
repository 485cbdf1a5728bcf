#include "daemon/codec/document_delta.h"

#include <algorithm>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "daemon/codec/cells.h"
#include "daemon/codec/document_parts.h"
#include "daemon/codec/frame.h"
#include "daemon/codec/valid_document.h"
#include "daemon/codec/volume_numbers.h"
#include "voxel/base/status_macros.h"

namespace voxeld {
namespace {

using voxel::Document;
using voxel::Layer;
using voxel::RefPtr;
using voxel::Volume;

constexpr uint64_t kFormat = 1;
// Each part of a document that can change, as the bits at the start of a head.
enum Part : uint64_t {
  kTitle = 1,
  kLabels = 2,
  kPalette = 4,
  kScene = 8,
  kLayerList = 16,
  kSettings = 32,
  kBases = 64,
  kCopies = 128,
  kStage = 256,
  kMerged = 512,
  kSelections = 1024,
};
constexpr uint64_t kAllParts = 2 * kSelections - 1;

// Of a known box: at 7 bytes a voxel they fit a frame.
constexpr int64_t kFewVoxels = 4096;
constexpr size_t kSmallChange = 240;               // what most say fits: given no memory twice
constexpr size_t kRunBytes = size_t{192} << 10;    // with one more brick it still fits a frame
constexpr size_t kFrameBytes = size_t{256} << 10;  // of what a frame holds, unless a run is longer

template <typename T, typename Write>
bool SamePart(const RefPtr<T>& a, const RefPtr<T>& b, Write write) {
  if (a == b) return true;
  if (!a || !b) return false;
  ByteWriter x;
  ByteWriter y;
  write(PartWriter(&x), *a);
  write(PartWriter(&y), *b);
  return x.bytes() == y.bytes();
}
constexpr auto kWritePalette = [](PartWriter io, const voxel::Palette& p) { PalettePart(io, p); };
constexpr auto kWriteStage = [](PartWriter io, const voxel::Stage& s) { StagePart(io, s); };
constexpr auto kWriteScene = [](PartWriter io, const voxel::SceneGraph& s) { ScenePart(io, s); };

// One change while it is written: what the head says, and the volumes whose cells follow.
class DeltaWriter {
 public:
  DeltaWriter(const Document& before, const Document& after) : before_(before), after_(after) {
    sources_.reserve(after.layers.size());
    for (size_t i = 0; i < after.layers.size(); ++i) sources_.push_back(SourceOf(i));
    same_scene_ = SamePart(before.scene, after.scene, kWriteScene);
    for (const auto& selection : after.selections) {
      const voxel::Selection* old = before.FindSelection(selection->id);
      const auto is_old = [old](const auto& other) { return other.get() == old; };
      const auto& all = before.selections;
      selected_.push_back(
          old == nullptr ? -1 : std::find_if(all.begin(), all.end(), is_old) - all.begin());
    }
  }

  void Head(ByteWriter& out) {
    const uint64_t changed = ChangedParts();
    out.Varint(kFormat);
    out.Varint(changed);
    PartWriter io(&out);
    if ((changed & kTitle) != 0) io.Text(after_.title);
    if ((changed & kLabels) != 0) LabelsPart(io, after_.labels);
    if ((changed & kPalette) != 0) Optional(io, after_.palette, kWritePalette);
    if ((changed & kScene) != 0) Optional(io, after_.scene, kWriteScene);
    if ((changed & kLayerList) != 0) {
      out.Varint(sources_.size());
      for (const int64_t source : sources_) out.Varint(static_cast<uint64_t>(source + 1));
    }
    if ((changed & kSettings) != 0) {
      out.Varint(settings_.size());
      for (const size_t layer : settings_) {
        out.Varint(layer);
        LayerPart(io, *after_.layers[layer]);
      }
    }
    if ((changed & kSelections) != 0) {
      out.Varint(selected_.size());
      for (size_t i = 0; i < selected_.size(); ++i) {
        out.Varint(static_cast<uint64_t>(selected_[i] + 1));
        SelectionPart(io, *after_.selections[i]);
      }
    }
    if ((changed & kBases) != 0) WritePairs(bases_, out);
    if ((changed & kCopies) != 0) WritePairs(copies_, out);
    if ((changed & kStage) != 0) Optional(io, after_.stage, kWriteStage);
    if ((changed & kMerged) != 0) MergedPart(io, after_.merged);
  }

  // After Head.
  void Cells(const KnownChange* known, absl::FunctionRef<bool(const ByteWriter& run)> emit) const {
    if (ByteWriter runs(kSmallChange); known != nullptr && FewCells(*known, runs)) {
      emit(runs);
      return;
    }
    for (const auto& [number, base] : changed_volumes_) {
      WriteCells(number, base, *VolumeAt(after_, number), kRunBytes, emit);
    }
  }

 private:
  using Pairs = std::vector<std::pair<uint64_t, uint64_t>>;

  // The changed voxels from their box alone; false if that is not how they can be had.
  bool FewCells(const KnownChange& known, ByteWriter& runs) const {
    const int64_t space = known.bounds.Voxels();
    if (known.voxels < 1 || known.voxels > space || space > kFewVoxels) return false;
    if (changed_volumes_.size() != 1) return false;
    const auto& [number, base] = changed_volumes_.front();
    if (number >= sources_.size() || sources_[number] < 0) return false;
    // The box is where the layer is, and was.
    const Layer& layer = *after_.layers[number];
    const Layer& old = *before_.layers[static_cast<size_t>(sources_[number])];
    if (old.transform != layer.transform) return false;
    const KnownCells cells{layer.transform.Inverse().Apply(known.bounds), known.voxels};
    return WriteKnownCells(number, base, layer.volume, cells, runs);
  }

  static void WritePairs(const Pairs& pairs, ByteWriter& out) {
    out.Varint(pairs.size());
    for (const auto& [volume, from] : pairs) {
      out.Varint(volume);
      out.Varint(from);
    }
  }

  // The layer of `before` that has the id of the one that is at `place` now; -1 if that is new.
  int64_t SourceOf(size_t place) {
    const std::string& id = after_.layers[place]->id;
    const auto& old = before_.layers;
    if (place < old.size() && old[place]->id == id) return static_cast<int64_t>(place);  // mostly
    if (places_.empty()) {
      for (size_t i = 0; i < old.size(); ++i) places_.emplace(old[i]->id, i);
    }
    const auto found = places_.find(id);
    return found == places_.end() ? -1 : static_cast<int64_t>(found->second);
  }

  template <typename T, typename Write>
  static void Optional(PartWriter io, const RefPtr<const T>& part, Write write) {
    io.Flag(static_cast<bool>(part));
    if (part) write(io, *part);
  }

  bool SameLayerList() const {
    if (sources_.size() != before_.layers.size()) return false;
    for (size_t i = 0; i < sources_.size(); ++i) {
      if (sources_[i] != static_cast<int64_t>(i)) return false;
    }
    return true;
  }

  bool SameSelectionList() const {
    const auto& before = before_.selections;
    return std::equal(before.begin(), before.end(), after_.selections.begin(),
                      after_.selections.end(), [](const auto& a, const auto& b) {
                        return a->id == b->id && a->voxels.complement == b->voxels.complement;
                      });
  }

  uint64_t ChangedParts() {
    uint64_t changed = 0;
    if (before_.title != after_.title) changed |= kTitle;
    if (before_.labels != after_.labels) changed |= kLabels;
    if (!SamePart(before_.palette, after_.palette, kWritePalette)) changed |= kPalette;
    if (!same_scene_) changed |= kScene;
    if (!SamePart(before_.stage, after_.stage, kWriteStage)) changed |= kStage;
    if (before_.merged != after_.merged) changed |= kMerged;
    if (!SameSelectionList()) changed |= kSelections;
    if (!SameLayerList()) changed |= kLayerList;
    for (size_t i = 0; i < sources_.size(); ++i) {
      const Layer* const old = sources_[i] < 0 ? nullptr : before_.layers[sources_[i]].get();
      if (old == after_.layers[i].get()) continue;
      if (old == nullptr || !SameSettings(*old, *after_.layers[i])) settings_.push_back(i);
    }
    FindVolumes();
    if (!settings_.empty()) changed |= kSettings;
    if (!bases_.empty()) changed |= kBases;
    if (!copies_.empty()) changed |= kCopies;
    return changed;
  }

  // Which volumes changed, and from what they are best written.
  void FindVolumes() {
    const uint64_t layers = after_.layers.size();
    for (uint64_t number = 0; number < layers; ++number) {
      if (OriginalOf(after_, number) >= 0) continue;  // shows another layer's
      const int64_t source = sources_[number];
      if (source >= 0) {
        Changed(number, before_.layers[static_cast<size_t>(source)]->volume);
      } else {
        New(number);
      }
    }
    const bool grown = same_scene_ && before_.scene;
    for (uint64_t number = layers; number < FirstSelection(after_); ++number) {
      const Volume* old =
          grown ? VolumeAt(before_, number - layers + before_.layers.size()) : nullptr;
      if (old != nullptr) {
        Changed(number, *old);
      } else {
        New(number);
      }
    }
    for (size_t i = 0; i < selected_.size(); ++i) {
      const uint64_t number = FirstSelection(after_) + i;
      if (selected_[i] >= 0) {
        Changed(number, before_.selections[static_cast<size_t>(selected_[i])]->voxels.ink);
      } else {
        New(number);
      }
    }
  }

  void Changed(uint64_t number, const Volume& base) {
    if (base.SharesRoot(*VolumeAt(after_, number))) return;
    changed_volumes_.emplace_back(number, base);
  }

  // A volume without one that it came from: perhaps it shows what another one does.
  void New(uint64_t number) {
    const Volume& volume = *VolumeAt(after_, number);
    if (volume.empty()) return;
    for (const uint64_t same : seen_[volume.ContentHash()]) {
      if (!VolumeAt(after_, same)->SharesRoot(volume)) continue;
      copies_.emplace_back(number, same);
      return;
    }
    seen_[volume.ContentHash()].push_back(number);
    for (uint64_t same = 0; same < VolumeCount(before_); ++same) {
      if (!VolumeAt(before_, same)->SharesRoot(volume)) continue;
      bases_.emplace_back(number, same);
      return;
    }
    changed_volumes_.emplace_back(number, Volume());
  }

  const Document& before_;
  const Document& after_;
  std::unordered_map<std::string_view, size_t> places_;  // of layers; filled when first asked
  std::vector<int64_t> sources_;                         // of each layer
  std::vector<int64_t> selected_;                        // the same of selections
  bool same_scene_ = false;
  std::vector<size_t> settings_;
  Pairs bases_;   // volume -> that of `before` it shows
  Pairs copies_;  // volume -> the other one of `after` that it shows, too
  std::vector<std::pair<uint64_t, Volume>> changed_volumes_;
  std::unordered_map<uint64_t, std::vector<uint64_t>> seen_;
};

// Fills frames with what comes, cutting only where it must or may be cut.
class FrameFiller {
 public:
  FrameFiller(int compression, absl::FunctionRef<bool(std::string)> emit)
      : compression_(compression), emit_(emit) {
    raw_.reserve(kSmallChange);
  }

  void Cuttable(std::string_view bytes) {
    while (raw_.size() + bytes.size() > kFrameBytes) {
      const size_t part = kFrameBytes - raw_.size();
      raw_.append(bytes.substr(0, part));
      bytes.remove_prefix(part);
      Flush();
    }
    raw_.append(bytes);
  }
  void Whole(std::string_view bytes) {
    if (!raw_.empty() && raw_.size() + bytes.size() > kFrameBytes) Flush();
    raw_.append(bytes);
  }
  void Flush() {
    wanted_ = wanted_ && emit_(SealFrame(raw_, compression_));
    raw_.clear();
  }
  bool wanted() const { return wanted_; }

 private:
  const int compression_;
  const absl::FunctionRef<bool(std::string)> emit_;
  bool wanted_ = true;
  std::string raw_;
};

absl::Status Damaged(std::string_view what) {
  return absl::DataLossError(absl::string_view(what.data(), what.size()));
}

}  // namespace

void WriteDelta(const Document& before, const Document& after, std::string_view own,
                int compression, const KnownChange* known,
                absl::FunctionRef<bool(std::string frame)> emit) {
  DeltaWriter writer(before, after);
  ByteWriter head(kSmallChange);
  head.Text(own);
  writer.Head(head);
  ByteWriter length;
  length.Varint(head.size());
  FrameFiller frames(compression, emit);
  frames.Cuttable(length.bytes());
  frames.Cuttable(head.bytes());
  writer.Cells(known, [&frames](const ByteWriter& run) {
    frames.Whole(run.bytes());
    return frames.wanted();
  });
  if (!frames.wanted()) return;
  frames.Cuttable(std::string_view("\0", 1));  // the end: a change that was cut off is told
  frames.Flush();
}

absl::StatusOr<bool> OwnBytesReader::Add(std::string_view frame) {
  VOXEL_ASSIGN_OR_RETURN(const std::string raw, OpenFrame(frame));
  head_ += raw;
  ByteReader in(head_);
  const uint64_t length = in.Varint();
  const uint64_t own = in.Varint();
  if (!in.ok() || own > length) return Damaged("a change has no head");
  if (in.left() < own) return false;
  own_ = in.Raw(own);
  return true;
}

DeltaReader::DeltaReader(RefPtr<const Document> base, const Limits& limits)
    : limits_(limits), document_(voxel::MakeRef<Document>(*base)) {}

DeltaReader::~DeltaReader() = default;

absl::Status DeltaReader::Add(std::string_view frame) {
  VOXEL_ASSIGN_OR_RETURN(const std::string raw, OpenFrame(frame));
  if (!in_head_) return TakeRuns(raw);
  head_ += raw;
  return TakeHead();
}

absl::Status DeltaReader::TakeHead() {
  ByteReader in(head_);
  const uint64_t length = in.Varint();
  if (!in.ok() || length > limits_.max_head_bytes) return Damaged("a change has no head");
  if (in.left() < length) return absl::OkStatus();
  ByteReader head(in.Raw(length));
  VOXEL_RETURN_IF_ERROR(ReadHead(head));
  in_head_ = false;
  const std::string rest(in.Raw(in.left()));
  head_.clear();
  return TakeRuns(rest);
}

absl::Status DeltaReader::TakeRuns(std::string_view runs) {
  ByteReader in(runs);
  while (in.ok() && in.left() > 0) {
    if (ended_) return Damaged("a change goes on after its end");
    const uint64_t volume = in.Varint();
    ended_ = volume == 0;
    if (ended_) continue;
    voxel::VolumeEditor* const editor = in.ok() ? EditorOf(volume - 1) : nullptr;
    if (editor == nullptr || !ReadRun(in, *editor)) {
      return Damaged("a change has cells that cannot be read");
    }
    int64_t bytes = 0;
    for (const auto& [number, open] : editors_) bytes += open == nullptr ? 0 : open->new_bytes();
    if (bytes > limits_.max_new_bytes) return Damaged("a change holds more voxels than allowed");
  }
  return in.done() ? absl::OkStatus() : Damaged("a change has cells that cannot be read");
}

absl::Status DeltaReader::End(std::string& own) {
  if (in_head_ || !ended_) return Damaged("a change is cut off");
  if (!copies_.empty()) {
    CommitEditors();
    NumberedVolumes copies;
    for (const auto& [number, from] : copies_) {
      copies.emplace_back(number, *VolumeAt(*document_, from));
    }
    copies_.clear();
    SetVolumes(*document_, std::move(copies));
    RenewLinks(*document_);
  }
  own = std::exchange(own_, {});
  in_head_ = true;
  ended_ = false;
  return absl::OkStatus();
}

voxel::VolumeEditor* DeltaReader::EditorOf(uint64_t number) {
  auto& editor = editors_[number];
  if (editor != nullptr) return editor.get();
  const Volume* volume = VolumeAt(*document_, number);
  if (volume == nullptr || OriginalOf(*document_, number) >= 0) return nullptr;
  editor = std::make_unique<voxel::VolumeEditor>(*volume);
  return editor.get();
}

void DeltaReader::CommitEditors() {
  if (editors_.empty()) return;
  NumberedVolumes volumes;
  for (auto& [number, editor] : editors_) {
    if (editor != nullptr) volumes.emplace_back(number, editor->Commit());
  }
  editors_.clear();
  SetVolumes(*document_, std::move(volumes));
  RenewLinks(*document_);
}

RefPtr<const Document> DeltaReader::Take() {
  CommitEditors();
  RefPtr<Document> taken = std::exchange(document_, voxel::MakeRef<Document>(*document_));
  return RefPtr<const Document>(std::move(taken));
}

absl::Status DeltaReader::ReadHead(ByteReader& in) {
  own_ = in.Text();
  if (in.Varint() != kFormat && in.ok()) {
    return Damaged("a change is written in a format that this version does not read");
  }
  const uint64_t parts = in.Below(kAllParts + 1);
  if (!in.ok()) return Damaged("a change has a head that cannot be read");
  if (parts == 0) return in.done() ? absl::OkStatus() : Damaged("a head has more than it says");
  CommitEditors();
  RefPtr<Document> next = voxel::MakeRef<Document>(*document_);
  if (!ReadParts(in, parts, *next) || !in.done() || !ValidDocument(*next)) {
    return Damaged("a change has a head that cannot be read");
  }
  RenewLinks(*next);
  document_ = std::move(next);
  return absl::OkStatus();
}

namespace {

template <typename T, typename Read>
void ReadOptional(ByteReader& in, RefPtr<const T>& part, Read read) {
  part = nullptr;
  if (in.Below(2) == 0) return;
  auto made = voxel::MakeRef<T>();
  read(PartReader(&in), *made);
  part = RefPtr<const T>(std::move(made));
}

void ReadLayerList(ByteReader& in, const Document& before, Document& next) {
  next.layers.clear();
  for (size_t left = in.Count(); left > 0 && in.ok(); --left) {
    const uint64_t source = in.Below(before.layers.size() + 1);
    next.layers.push_back(source == 0 ? RefPtr<const Layer>(voxel::MakeRef<Layer>())
                                      : before.layers[source - 1]);
  }
}

void ReadSettings(ByteReader& in, Document& next) {
  for (size_t left = in.Count(); left > 0 && in.ok(); --left) {
    const uint64_t at = in.Below(next.layers.size());
    if (!in.ok()) return;
    auto layer = voxel::MakeRef<Layer>(*next.layers[at]);
    PartReader io(&in);
    LayerPart(io, *layer);
    next.layers[at] = RefPtr<const Layer>(std::move(layer));
  }
}

void ReadSelections(ByteReader& in, const Document& before, Document& next) {
  next.selections.clear();
  for (size_t left = in.Count(); left > 0 && in.ok(); --left) {
    const uint64_t source = in.Below(before.selections.size() + 1);
    voxel::VoxelSet voxels;
    if (in.ok() && source > 0) voxels = before.selections[source - 1]->voxels;
    auto selection = voxel::MakeRef<voxel::Selection>("", std::move(voxels));
    PartReader io(&in);
    SelectionPart(io, *selection);
    next.selections.push_back(RefPtr<const voxel::Selection>(std::move(selection)));
  }
}

// Calls fn(volume, from) for each pair of numbers.
template <typename Fn>
void ReadPairs(ByteReader& in, uint64_t volumes, uint64_t sources, Fn fn) {
  for (size_t left = in.Count(2); left > 0; --left) {
    const uint64_t number = in.Below(volumes);
    const uint64_t from = in.Below(sources);
    if (!in.ok()) return;
    fn(number, from);
  }
}

}  // namespace

bool DeltaReader::ReadParts(ByteReader& in, uint64_t parts, Document& next) {
  PartReader io(&in);
  if ((parts & kTitle) != 0) io.Text(next.title);
  if ((parts & kLabels) != 0) LabelsPart(io, next.labels);
  if ((parts & kPalette) != 0) {
    ReadOptional(in, next.palette, [](PartReader sub, auto& part) { PalettePart(sub, part); });
  }
  if ((parts & kScene) != 0) {
    ReadOptional(in, next.scene, [](PartReader sub, auto& part) { ScenePart(sub, part); });
  }
  if ((parts & kLayerList) != 0) ReadLayerList(in, *document_, next);
  if ((parts & kSettings) != 0) ReadSettings(in, next);
  if ((parts & kSelections) != 0) ReadSelections(in, *document_, next);
  if ((parts & kBases) != 0) {
    NumberedVolumes bases;
    ReadPairs(in, VolumeCount(next), VolumeCount(*document_), [&](uint64_t number, uint64_t from) {
      bases.emplace_back(number, *VolumeAt(*document_, from));
    });
    SetVolumes(next, std::move(bases));
  }
  if ((parts & kCopies) != 0) {
    ReadPairs(in, VolumeCount(next), VolumeCount(next),
              [&](uint64_t number, uint64_t from) { copies_.emplace_back(number, from); });
  }
  if ((parts & kStage) != 0) {
    ReadOptional(in, next.stage, [](PartReader sub, auto& part) { StagePart(sub, part); });
  }
  if ((parts & kMerged) != 0) MergedPart(io, next.merged);
  return in.ok();
}

}  // namespace voxeld
