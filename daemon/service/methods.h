// The methods: one plain function each, under every door. What each one does and answers is said at
// its rpc in proto/voxeld/v1; this header only declares what method_table.inc lists.
//
// Contract:  a method checks its whole request before it changes anything, never waits for disk or
//            peer, and leaves a ticket in the context if its answer must not be seen before
//            something is durable. The response is cleared before the call and not sent on error.
// Threading: reads run on any thread. Writes with a `project` field run on that project's strand. A
//            client stream's Finish runs on the strand of ClientStream::project().
#pragma once

#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/service/call_context.h"
#include "daemon/service/method.h"
#include "daemon/service/services.h"
#include "voxeld/v1/admin.pb.h"
#include "voxeld/v1/history.pb.h"
#include "voxeld/v1/inspect.pb.h"
#include "voxeld/v1/layer.pb.h"
#include "voxeld/v1/palette.pb.h"
#include "voxeld/v1/project.pb.h"
#include "voxeld/v1/render.pb.h"
#include "voxeld/v1/scene.pb.h"
#include "voxeld/v1/selection.pb.h"
#include "voxeld/v1/transfer.pb.h"
#include "voxeld/v1/voxel.pb.h"

namespace voxeld {

#define VOXELD_UNARY(SERVICE, RPC, FUNCTION, REQUEST, RESPONSE, ACCESS, COST, CHEAP) \
  absl::Status FUNCTION(Services&, CallContext&, const v1::REQUEST&, v1::RESPONSE*);
#define VOXELD_SERVER_STREAM(SERVICE, RPC, FUNCTION, REQUEST, RESPONSE, ACCESS, COST) \
  absl::StatusOr<std::unique_ptr<ServerStream>> FUNCTION(Services&, CallContext&,     \
                                                         const v1::REQUEST&);
#define VOXELD_CLIENT_STREAM(SERVICE, RPC, FUNCTION, REQUEST, RESPONSE, ACCESS, COST) \
  absl::StatusOr<std::unique_ptr<ClientStream>> FUNCTION(Services&, CallContext&);
#include "daemon/service/method_table.inc"
#undef VOXELD_UNARY
#undef VOXELD_SERVER_STREAM
#undef VOXELD_CLIENT_STREAM

// Whether a request is small enough for a poller: it takes well under 100 us.
bool CheapEdits(const v1::ApplyEditsRequest& request);
bool CheapSet(const v1::SetVoxelsRequest& request);
bool CheapGet(const v1::GetVoxelsRequest& request);

}  // namespace voxeld
