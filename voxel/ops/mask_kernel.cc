#include "voxel/ops/mask_kernel.h"

#include <utility>
#include <vector>

#include "voxel/base/status_macros.h"
#include "voxel/ops/box_shape.h"
#include "voxel/ops/chance_mask.h"
#include "voxel/ops/color_match.h"
#include "voxel/ops/coverage.h"
#include "voxel/ops/neighbour_mask.h"
#include "voxel/ops/shape_region.h"
#include "voxel/ops/volume_mask.h"

namespace voxel {
namespace {

class BoxKernel final : public MaskKernel {
 public:
  explicit BoxKernel(const Box& box) : region_(BoxShape(box)) {}
  Coverage Classify(const Box& cube) const override { return region_.Classify(cube); }
  void Fill(Coord min, BrickMask& mask) const override { region_.Mask(min, mask); }

 private:
  ShapeRegion<BoxShape> region_;
};

class NotKernel final : public MaskKernel {
 public:
  explicit NotKernel(MaskKernelPtr of) : of_(std::move(of)) {}
  Coverage Classify(const Box& cube) const override { return Not(of_->Classify(cube)); }
  void Fill(Coord min, BrickMask& mask) const override {
    of_->Fill(min, mask);
    for (uint64_t& word : mask.words) word = ~word;
  }

 private:
  MaskKernelPtr of_;
};

class AllOfKernel final : public MaskKernel {
 public:
  explicit AllOfKernel(std::vector<MaskKernelPtr> parts) : parts_(std::move(parts)) {}
  Coverage Classify(const Box& cube) const override {
    Coverage all = Coverage::kInside;
    for (const MaskKernelPtr& part : parts_) {
      all = Both(all, part->Classify(cube));
      if (all == Coverage::kOutside) break;
    }
    return all;
  }
  void Fill(Coord min, BrickMask& mask) const override {
    mask.words.fill(~uint64_t{0});
    for (const MaskKernelPtr& part : parts_) {
      BrickMask one;
      FillBrick(*part, min, one);
      uint64_t left = 0;
      for (size_t i = 0; i < mask.words.size(); ++i) left |= mask.words[i] &= one.words[i];
      if (left == 0) return;
    }
  }

 private:
  std::vector<MaskKernelPtr> parts_;
};

class AnyOfKernel final : public MaskKernel {
 public:
  explicit AnyOfKernel(std::vector<MaskKernelPtr> parts) : parts_(std::move(parts)) {}
  Coverage Classify(const Box& cube) const override {
    Coverage any = Coverage::kOutside;
    for (const MaskKernelPtr& part : parts_) {
      any = Either(any, part->Classify(cube));
      if (any == Coverage::kInside) break;
    }
    return any;
  }
  void Fill(Coord min, BrickMask& mask) const override {
    for (const MaskKernelPtr& part : parts_) {
      BrickMask one;
      FillBrick(*part, min, one);
      for (size_t i = 0; i < mask.words.size(); ++i) mask.words[i] |= one.words[i];
    }
  }

 private:
  std::vector<MaskKernelPtr> parts_;
};

// One visit for each part of the expression.
class Compiler {
 public:
  explicit Compiler(MaskScene& scene) : scene_(scene) {}

  using Result = absl::StatusOr<MaskKernelPtr>;

  Result Compile(const Mask& mask) const { return std::visit(*this, mask.is); }

  Result operator()(const SolidMask&) const { return MakeSolidKernel(scene_.volume()); }
  Result operator()(const ColorMask& m) const {
    return MakeColorKernel(scene_.volume(), ColorMatch(m.color, m.tolerance));
  }
  Result operator()(const InBoxMask& m) const { return InBox(m.box); }
  Result operator()(const HeightMask& m) const {
    Box box = kWorld;
    box.min.z = m.low;
    box.max.z = m.high;
    return InBox(box);
  }
  Result operator()(const LayerMask& m) const {
    VOXEL_ASSIGN_OR_RETURN(Volume volume, scene_.Layer(m.layer));
    return MakeSolidKernel(std::move(volume));
  }
  Result operator()(const SelectionMask& m) const {
    VOXEL_ASSIGN_OR_RETURN(VoxelSet set, scene_.Selection(m.selection));
    MaskKernelPtr ink = MakeSolidKernel(std::move(set.ink));
    if (!set.complement) return ink;
    std::vector<MaskKernelPtr> parts;  // nothing outside the world belongs to a set
    parts.push_back(InBox(kWorld));
    parts.push_back(std::make_unique<NotKernel>(std::move(ink)));
    return std::make_unique<AllOfKernel>(std::move(parts));
  }
  Result operator()(const SurfaceMask&) const { return MakeSurfaceKernel(scene_.volume()); }
  Result operator()(const ExposedMask& m) const {
    return MakeExposedKernel(scene_.volume(), Step(m.axis, m.positive));
  }
  Result operator()(const NeighboursMask& m) const {
    return MakeNeighboursKernel(scene_.volume(), m);
  }
  Result operator()(const NoiseMask& m) const {
    return MakeNoiseKernel(m, scene_.space().to_world());
  }
  Result operator()(const ShareMask& m) const {
    return MakeShareKernel(m, scene_.space().to_world());
  }
  Result operator()(const BesideMask& m) const {
    VOXEL_ASSIGN_OR_RETURN(MaskKernelPtr of, Compile(*m.of));
    return MakeBesideKernel(std::move(of), Step(Axis::kZ, !m.above));
  }
  Result operator()(const NotMask& m) const {
    VOXEL_ASSIGN_OR_RETURN(MaskKernelPtr of, Compile(*m.of));
    return std::make_unique<NotKernel>(std::move(of));
  }
  Result operator()(const AllOfMask& m) const { return Combined<AllOfKernel>(m.parts); }
  Result operator()(const AnyOfMask& m) const { return Combined<AnyOfKernel>(m.parts); }

 private:
  // One voxel along an axis of the world, in the layer's space.
  Coord Step(Axis axis, bool positive) const {
    Coord step;
    step[scene_.space().ToLocal(axis)] = positive != scene_.space().Flips(axis) ? 1 : -1;
    return step;
  }

  MaskKernelPtr InBox(const Box& box) const {
    return std::make_unique<BoxKernel>(*scene_.space().Clip(box));
  }

  template <typename Kernel>
  Result Combined(const std::vector<Mask>& parts) const {
    std::vector<MaskKernelPtr> kernels;
    for (const Mask& part : parts) {
      VOXEL_ASSIGN_OR_RETURN(MaskKernelPtr kernel, Compile(part));
      kernels.push_back(std::move(kernel));
    }
    return std::make_unique<Kernel>(std::move(kernels));
  }

  MaskScene& scene_;
};

}  // namespace

void FillBrick(const MaskKernel& kernel, Coord min, BrickMask& mask) {
  switch (kernel.Classify({min, min + Coord{kBrickSize, kBrickSize, kBrickSize}})) {
    case Coverage::kOutside:
      return;
    case Coverage::kInside:
      mask.words.fill(~uint64_t{0});
      return;
    case Coverage::kPartial:
      kernel.Fill(min, mask);
  }
}

absl::StatusOr<MaskKernelPtr> CompileMask(const Mask& mask, MaskScene& scene) {
  VOXEL_RETURN_IF_ERROR(CheckMask(mask));
  return Compiler(scene).Compile(mask);
}

}  // namespace voxel
