// voxel.read_region and voxel.write_region: boxes of voxels as streams of blocks.
#include <algorithm>
#include <utility>
#include <vector>

#include "daemon/convert/blocks.h"
#include "daemon/convert/enums.h"
#include "daemon/convert/geometry.h"
#include "daemon/convert/ids.h"
#include "daemon/service/methods.h"
#include "daemon/service/mutation.h"
#include "daemon/service/reading.h"
#include "daemon/service/region_blocks.h"
#include "voxel/base/error.h"
#include "voxel/base/hash.h"
#include "voxel/base/status_macros.h"
#include "voxel/base/str_cat.h"
#include "voxel/ops/apply.h"

namespace voxeld {
namespace {

using voxel::Box;
using voxel::Document;
using voxel::Error;
using voxel::Reason;
using voxel::RefPtr;

bool HoldsVoxels(const voxel::Volume& volume, const Box& box) {
  bool found = false;
  volume.ForEachCell(box, [&](const voxel::Cell& cell) {
    found = cell.brick == nullptr || box.Contains(cell.box());
    if (found) return false;
    const Box part = cell.box().Intersection(box);
    for (int32_t z = part.min.z; z < part.max.z && !found; ++z) {
      for (int32_t y = part.min.y; y < part.max.y && !found; ++y) {
        for (int32_t x = part.min.x; x < part.max.x && !found; ++x) {
          const int index = voxel::BrickIndex(x - cell.min.x, y - cell.min.y, z - cell.min.z);
          found = voxel::BrickOccupancy(cell.brick).Get(index);
        }
      }
    }
    return !found;
  });
  return found;
}

class RegionReader final : public ServerStream {
 public:
  RegionReader(RevisionPtr revision, voxel::Volume volume, const Box& box, bool palette_allowed,
               bool skip_empty)
      : revision_(std::move(revision)),
        volume_(std::move(volume)),
        walk_(box),
        palette_allowed_(palette_allowed),
        skip_empty_(skip_empty) {}

  absl::StatusOr<Pull> Next(google::protobuf::Message* message) override {
    Box part;
    do {
      if (!walk_.Next(&part)) return Pull::kEnd;
    } while (skip_empty_ && !HoldsVoxels(volume_, part));
    auto* response = static_cast<v1::ReadRegionResponse*>(message);
    colors_.resize(static_cast<size_t>(part.Voxels()));
    volume_.ReadBox(part, colors_.data());
    FromVoxels(part, colors_, palette_allowed_, response->mutable_block());
    response->set_revision(revision_->info.revision);
    return Pull::kMessage;
  }

 private:
  const RevisionPtr revision_;  // pinned: the whole stream reads one revision
  const voxel::Volume volume_;
  BlockWalk walk_;
  const bool palette_allowed_;
  const bool skip_empty_;
  std::vector<voxel::Color> colors_;
};

absl::StatusOr<bool> AcceptsPalette(const v1::ReadRegionRequest& request) {
  bool accepts = false;
  for (int i = 0; i < request.accept_size(); ++i) {
    VOXEL_RETURN_IF_ERROR(
        CheckEnum(request.accept(i), v1::Encoding_descriptor(), voxel::StrCat("accept[", i, "]")));
    accepts = accepts || request.accept(i) == v1::ENCODING_PALETTE;
  }
  return accepts;
}

// The edits that write one block: one colour for a uniform block, else single voxels.
voxel::Edit BlockEdit(const std::string& layer, BlockVoxels block, bool skip_empty) {
  voxel::Edit edit;
  edit.layer = layer;
  const bool uniform = std::all_of(block.colors.begin(), block.colors.end(),
                                   [&](voxel::Color color) { return color == block.colors[0]; });
  if (uniform) {
    edit.op = voxel::FillBox{.box = block.box, .color = block.colors[0]};
    return edit;
  }
  voxel::SetVoxels set;
  set.positions.reserve(block.colors.size());
  set.colors.reserve(block.colors.size());
  size_t i = 0;
  for (int32_t z = block.box.min.z; z < block.box.max.z; ++z) {
    for (int32_t y = block.box.min.y; y < block.box.max.y; ++y) {
      for (int32_t x = block.box.min.x; x < block.box.max.x; ++x, ++i) {
        if (skip_empty && block.colors[i] == voxel::kAir) continue;
        set.positions.push_back({x, y, z});
        set.colors.push_back(block.colors[i]);
      }
    }
  }
  edit.op = std::move(set);
  return edit;
}

class RegionWriter final : public ClientStream {
 public:
  RegionWriter(Services& services, CallContext& context) : services_(services), context_(context) {}

  absl::Status Accept(const google::protobuf::Message& message) override {
    const auto& part = static_cast<const v1::WriteRegionRequest&>(message);
    if (complete_)
      return Error(Reason::INVALID_FIELD, "a part follows the one marked last_part", "last_part");
    complete_ = part.last_part();
    const std::string field = voxel::StrCat("part ", parts_);
    if (parts_++ == 0) return AcceptHeader(part);
    if (!part.has_block()) {
      if (complete_ && part.part_case() == v1::WriteRegionRequest::PART_NOT_SET)
        return absl::OkStatus();
      return Error(Reason::INVALID_FIELD,
                   voxel::StrCat(field, " is no block; only the first part is the header"),
                   "block");
    }
    bytes_ += static_cast<int64_t>(part.block().ByteSizeLong());
    if (bytes_ > services_.limits.max_upload_bytes) {
      return Error(
          Reason::LIMIT_BYTES,
          voxel::StrCat("the blocks have more than ", services_.limits.max_upload_bytes, " bytes"),
          "block");
    }
    VOXEL_ASSIGN_OR_RETURN(BlockVoxels block, ToVoxels(part.block(), "block"));
    if (!header_.write().request_id().empty()) {
      const int32_t place[] = {block.box.min.x, block.box.min.y, block.box.min.z,
                               block.box.max.x, block.box.max.y, block.box.max.z};
      context_.content_hash = voxel::HashBytes(place, sizeof place, context_.content_hash);
      context_.content_hash = voxel::HashBytes(
          block.colors.data(), block.colors.size() * sizeof(voxel::Color), context_.content_hash);
    }
    const bool all_air = std::all_of(block.colors.begin(), block.colors.end(),
                                     [](voxel::Color color) { return color == voxel::kAir; });
    if (header_.skip_empty() && all_air) return absl::OkStatus();
    edits_.push_back(BlockEdit(header_.layer(), std::move(block), header_.skip_empty()));
    return absl::OkStatus();
  }

  absl::Status Finish(google::protobuf::Message* response) override {
    if (parts_ == 0) return Error(Reason::MISSING_FIELD, "the header is missing", "header");
    if (!complete_)
      return Error(Reason::UPLOAD_INCOMPLETE, "the stream ended before a part marked last_part");
    VOXEL_ASSIGN_OR_RETURN(const std::shared_ptr<Project> project,
                           FindProject(services_, header_.project()));
    const auto change = [&](const Revision& applied) -> absl::StatusOr<RefPtr<const Document>> {
      if (edits_.empty()) return applied.document;
      auto result = voxel::ApplyEdits(applied.document, edits_, EditTask(services_, context_));
      if (!result.ok()) return result.status();
      return std::move(result->document);
    };
    return Mutate(services_, context_, *project, header_.write(), header_, change, response,
                  [](const Outcome&) {});
  }

  std::string project() const override { return header_.project(); }

 private:
  absl::Status AcceptHeader(const v1::WriteRegionRequest& part) {
    if (!part.has_header())
      return Error(Reason::MISSING_FIELD, "the first part must be the header", "header");
    header_ = part.header();
    VOXEL_RETURN_IF_ERROR(CheckId(header_.project(), "header.project"));
    if (!header_.layer().empty()) VOXEL_RETURN_IF_ERROR(CheckId(header_.layer(), "header.layer"));
    return absl::OkStatus();
  }

  Services& services_;
  CallContext& context_;
  v1::WriteRegionHeader header_;
  std::vector<voxel::Edit> edits_;
  int parts_ = 0;
  int64_t bytes_ = 0;
  bool complete_ = false;
};

}  // namespace

absl::StatusOr<std::unique_ptr<ServerStream>> VoxelReadRegion(
    Services& services, CallContext& context, const v1::ReadRegionRequest& request) {
  VOXEL_ASSIGN_OR_RETURN(RevisionPtr revision,
                         ReadRevision(services, request.project(), request.revision()));
  if (!request.has_box()) return Error(Reason::MISSING_FIELD, "box is missing", "box");
  VOXEL_ASSIGN_OR_RETURN(const Box box, ToBox(request.box(), "box"));
  if (box.Voxels() > services.limits.max_read_voxels) {
    return Error(Reason::LIMIT_VOXELS,
                 voxel::StrCat("box holds ", box.Voxels(), " voxels; a read takes at most ",
                               services.limits.max_read_voxels, " (read it in parts)"),
                 "box");
  }
  VOXEL_ASSIGN_OR_RETURN(const bool palette_allowed, AcceptsPalette(request));
  VOXEL_ASSIGN_OR_RETURN(voxel::Volume volume,
                         ReadVolume(*revision->document, request.layer(), context.Task()));
  VOXEL_ASSIGN_OR_RETURN(volume, OnlySelected(volume, *revision->document, request.selection(),
                                              "selection", LongTask(services, context)));
  return std::make_unique<RegionReader>(std::move(revision), std::move(volume), box,
                                        palette_allowed, request.skip_empty());
}

absl::StatusOr<std::unique_ptr<ClientStream>> VoxelWriteRegion(Services& services,
                                                               CallContext& context) {
  return std::make_unique<RegionWriter>(services, context);
}

}  // namespace voxeld
