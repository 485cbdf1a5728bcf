// A slice as text or as indices, with the legend that says what they stand for.
//
// Symbols:  "." is air; colours get "#", A to Z, a to z, 0 to 9 and a few more, the most frequent
//           first, equally frequent ones by their numbers. So equal slices read alike, whatever the
//           history. Colours beyond that share "?". Indices go the same way: 0 is air, 1 to 254
//           colours, 255 the rest.
// Rulers:   the row axis' coordinate in front of each line; the column axis' one, of the first and
//           every tenth column, above.
#pragma once

#include "voxel/grid/palette.h"
#include "voxel/ops/slice.h"
#include "voxeld/v1/inspect.pb.h"

namespace voxeld {

struct SliceStyle {
  v1::SliceForm form = v1::SLICE_FORM_TEXT;  // not unspecified
  bool rulers = false;                       // of text
};

// All of the response but its revision. `palette` may be null.
void FromSlice(const voxel::Slice& slice, const voxel::SliceSpec& spec, const SliceStyle& style,
               const voxel::Palette* palette, v1::SliceResponse* out);

}  // namespace voxeld
