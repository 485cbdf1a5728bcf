#include "daemon/codec/bytes.h"

#include <bit>
#include <cstring>

namespace voxeld {

static_assert(std::endian::native == std::endian::little, "fixed numbers are copied as they stand");

void ByteWriter::Varint(uint64_t value) {
  for (; value >= 0x80; value >>= 7) Byte(static_cast<uint8_t>(value | 0x80));
  Byte(static_cast<uint8_t>(value));
}

void ByteWriter::Fixed32(uint32_t value) { Raw(&value, sizeof value); }

void ByteWriter::Fixed64(uint64_t value) { Raw(&value, sizeof value); }

uint8_t ByteReader::Byte() {
  if (rest_.empty()) {
    Fail();
    return 0;
  }
  const auto value = static_cast<uint8_t>(rest_.front());
  rest_.remove_prefix(1);
  return value;
}

uint64_t ByteReader::Varint() {
  uint64_t value = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    const uint8_t byte = Byte();
    if (shift == 63 && byte > 1) break;
    value |= uint64_t{byte & 0x7Fu} << shift;
    if ((byte & 0x80) == 0) return ok_ ? value : 0;
  }
  Fail();
  return 0;
}

uint32_t ByteReader::Fixed32() {
  uint32_t value = 0;
  const std::string_view raw = Raw(sizeof value);
  if (ok_) std::memcpy(&value, raw.data(), sizeof value);
  return value;
}

uint64_t ByteReader::Fixed64() {
  uint64_t value = 0;
  const std::string_view raw = Raw(sizeof value);
  if (ok_) std::memcpy(&value, raw.data(), sizeof value);
  return value;
}

std::string_view ByteReader::Raw(size_t size) {
  if (size > rest_.size()) {
    Fail();
    return {};
  }
  const std::string_view raw = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return raw;
}

std::string_view ByteReader::Text() { return Raw(Count()); }

size_t ByteReader::Count(size_t bytes_each) {
  const uint64_t count = Varint();
  if (count <= rest_.size() / bytes_each) return count;
  Fail();
  return 0;
}

uint64_t ByteReader::Below(uint64_t end) {
  const uint64_t value = Varint();
  if (value < end) return value;
  Fail();
  return 0;
}

}  // namespace voxeld
