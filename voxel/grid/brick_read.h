// Reading bricks by what their slots say of them. Private to voxel/grid.
#pragma once

#include "absl/base/attributes.h"
#include "voxel/grid/slot.h"

namespace voxel::internal {

// One voxel of a brick. Looks at the voxel, its occupancy bit and the palette, and for narrow and
// raw bricks at nothing else. REQUIRES: slot is not uniform.
inline Color GetVoxel(Slot slot, int voxel) {
  constexpr BrickForm kFull{Width::kNibble, false};
  constexpr BrickForm kMasked{Width::kNibble, true};
  constexpr size_t kIndices = sizeof(Brick) + kNibbleColors * sizeof(Color);
  const BrickForm form = slot.form();
  const uint32_t tag = slot.tag();
  if (form.width == Width::kRaw) return slot.InBrick<const Color>(tag, sizeof(Brick))[voxel];
  if (form != kFull) {
    if (form != kMasked) return slot.brick()->Get(voxel);
    constexpr size_t kMask = Brick::HeaderAndPayloadBytes(Width::kNibble);
    if (!slot.InBrick<const BrickMask>(tag, kMask)->Get(voxel)) return kAir;
  }
  const int pair = slot.InBrick<const uint8_t>(tag, kIndices)[voxel >> 1];
  const int index = pair >> ((voxel & 1) << 2) & 15;
  return slot.InBrick<const Color>(tag, sizeof(Brick))[index];
}

// Asks for the memory of a brick: of a narrow one for all but its occupancy bits, of others for the
// beginning, which tells the processor to go on. Always inline: see AskForVoxel.
ABSL_ATTRIBUTE_ALWAYS_INLINE inline void AskForBrick(Slot slot) {
  if (slot.uniform()) return;
  const auto* const brick = slot.InBrick<const uint8_t>(slot.tag(), 0);
  const bool narrow = slot.form().width == Width::kNibble;
  const size_t bytes = narrow ? Brick::HeaderAndPayloadBytes(Width::kNibble) : 512;
  for (size_t at = 0; at < bytes; at += 64) __builtin_prefetch(brick + at);
}

}  // namespace voxel::internal
