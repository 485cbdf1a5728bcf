#include "daemon/codec/frame.h"

#include <zstd.h>

#include <cstring>
#include <memory>

#include "daemon/codec/bytes.h"
#include "daemon/codec/crc32c.h"
#include "voxel/base/check.h"

namespace voxeld {
namespace {

constexpr uint8_t kStored = 0;
constexpr uint8_t kZstd = 1;
constexpr size_t kCrcBytes = sizeof(uint32_t);
constexpr size_t kWorthCompressing = 128;  // what is smaller hardly shrinks

struct FreeContext {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

// zstd's contexts are costly to make, so each thread keeps one.
ZSTD_CCtx* Compressor() {
  thread_local const std::unique_ptr<ZSTD_CCtx, FreeContext> context(ZSTD_createCCtx());
  return context.get();
}
ZSTD_DCtx* Decompressor() {
  thread_local const std::unique_ptr<ZSTD_DCtx, FreeContext> context(ZSTD_createDCtx());
  return context.get();
}

// Empty if it is not worth it.
std::string Compressed(std::string_view raw, int level) {
  if (level == 0 || raw.size() < kWorthCompressing) return {};
  std::string out(ZSTD_compressBound(raw.size()), '\0');
  const size_t size =
      ZSTD_compressCCtx(Compressor(), out.data(), out.size(), raw.data(), raw.size(), level);
  VOXEL_CHECK(!ZSTD_isError(size));
  if (size >= raw.size()) return {};
  out.resize(size);
  return out;
}

}  // namespace

std::string SealFrame(std::string_view raw, int level) {
  VOXEL_CHECK(raw.size() <= kMaxFrameBytes && level >= 0 && level <= kMaxCompression);
  const std::string compressed = Compressed(raw, level);
  const std::string_view payload = compressed.empty() ? raw : compressed;
  constexpr size_t kMostHead = kCrcBytes + 1 + 10;  // a varint takes ten at most
  ByteWriter out(kMostHead + payload.size());
  out.Fixed32(0);
  out.Byte(compressed.empty() ? kStored : kZstd);
  out.Varint(raw.size());
  out.Raw(payload.data(), payload.size());
  std::string frame = out.Take();
  const uint32_t crc = Crc32c(std::string_view(frame).substr(kCrcBytes));
  std::memcpy(frame.data(), &crc, kCrcBytes);
  return frame;
}

absl::StatusOr<std::string> OpenFrame(std::string_view frame) {
  ByteReader in(frame);
  const uint32_t crc = in.Fixed32();
  if (!in.ok() || crc != Crc32c(frame.substr(kCrcBytes))) {
    return absl::DataLossError("a checksum does not fit");
  }
  const uint8_t method = in.Byte();
  const uint64_t size = in.Varint();
  const std::string_view payload = in.Raw(in.left());
  if (!in.ok() || size > kMaxFrameBytes || method > kZstd) {
    return absl::DataLossError("a blob begins with what is no header of one");
  }
  if (method == kStored) {
    if (payload.size() != size) return absl::DataLossError("a blob has another size than it says");
    return std::string(payload);
  }
  std::string raw(size, '\0');
  const size_t got =
      ZSTD_decompressDCtx(Decompressor(), raw.data(), raw.size(), payload.data(), payload.size());
  if (ZSTD_isError(got) || got != size) return absl::DataLossError("a blob does not decompress");
  return raw;
}

}  // namespace voxeld
