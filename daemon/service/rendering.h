// Pictures for methods: what render.view and the preview of voxel.apply_edits share.
#pragma once

#include <cstdint>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/service/call_context.h"
#include "daemon/service/services.h"
#include "voxel/render/view.h"
#include "voxeld/v1/render.pb.h"

namespace voxeld {

// What RenderViews will not refuse. `document` has the cameras, the light and the names of colours
// that the spec may name. INVALID_FIELD, INVALID_COLOR, OUT_OF_WORLD, MISSING_FIELD, LIMIT_BYTES,
// all below `field`.
absl::StatusOr<voxel::ViewRequest> ToViewRequest(const v1::ViewSpec& spec,
                                                 const voxel::Document& document,
                                                 std::string_view field);

// Renders the visible composite of `revision`, or what of it `spec.selection` holds; halves the
// picture until the PNG has at most `spec.max_bytes` (0: no bound). `request` is the rest of
// `spec`. LIMIT_BYTES if even the smallest is larger; INVALID_ID, SELECTION_NOT_FOUND;
// LIMIT_MEMORY, CALL_CANCELLED, DEADLINE_PASSED.
absl::Status RenderInto(const Services& services, const CallContext& context,
                        const Revision& revision, voxel::ViewRequest request,
                        const v1::ViewSpec& spec, v1::Image* out);

}  // namespace voxeld
