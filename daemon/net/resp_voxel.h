// Numbers and voxels, as the words of RESP2 commands say them.
#pragma once

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <system_error>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/types/span.h"
#include "daemon/wire/message_pool.h"
#include "voxeld/v1/voxel.pb.h"

namespace voxeld {

// A whole number, zeros in front allowed: redis-benchmark writes them. False: it is none, or none
// of that type.
template <typename Number>
bool ReadNumber(std::string_view text, Number* value) {
  // Zeros are skipped here, since from_chars takes its time for each.
  size_t zeros = 0;
  while (zeros + 1 < text.size() && text[zeros] == '0' && absl::ascii_isdigit(text[zeros + 1])) {
    ++zeros;
  }
  text.remove_prefix(zeros);
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, *value);
  return parsed.ec == std::errc() && parsed.ptr == end;
}

struct RespVoxel {
  int32_t xyz[3];
  // A number, 0xRRGGBBAA in decimal, or a text like "#c33"; none if it is read.
  std::string_view color;

  bool in_world() const;
};

// What VOXEL.SET and VOXEL.GET say.
struct RespVoxelCommand {
  std::string_view project, layer;
  RespVoxel voxel;
};

// X Y Z, whole numbers of 32 bits, in the world or not. INVALID_FIELD. REQUIRES: three words.
absl::Status ReadPosition(absl::Span<const std::string_view> words, int32_t (&xyz)[3]);

// The list of voxels of a request that has none yet: one that is used again, if there is one.
v1::SetVoxels* BeginVoxels(v1::SetVoxelsRequest* request, MessagePool* messages);

// One more voxel for `set`; false, and nothing is added, if those that are there have their colours
// in another form. Whether the colour is one is found by whoever sets it.
bool AddVoxel(const RespVoxel& voxel, v1::SetVoxels* set);

}  // namespace voxeld
