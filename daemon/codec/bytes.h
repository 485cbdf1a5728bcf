// Numbers and texts as bytes, and back: what every blob of a project file is made of.
//
// Format:    varint: 7 bits a byte, lowest first, the high bit says that more follow, at most 10
//            bytes. Signed: zigzag, then varint. Fixed numbers: little endian. Text: varint length,
//            bytes.
// Threading: plain values.
// Hostile input: a reader never reads outside its bytes and takes no memory by itself. After the
//            first thing that does not fit, every call gives zeros and ok() is false.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace voxeld {

class ByteWriter {
 public:
  ByteWriter() = default;
  // With room for so many bytes to begin with.
  explicit ByteWriter(size_t room) { bytes_.reserve(room); }

  void Byte(uint8_t value) { bytes_.push_back(static_cast<char>(value)); }
  void Varint(uint64_t value);
  void Signed(int64_t value) {
    Varint(static_cast<uint64_t>(value) << 1 ^ static_cast<uint64_t>(value >> 63));
  }
  void Fixed32(uint32_t value);
  void Fixed64(uint64_t value);
  void Raw(const void* data, size_t size) { bytes_.append(static_cast<const char*>(data), size); }
  void Text(std::string_view text) {
    Varint(text.size());
    bytes_.append(text);
  }

  size_t size() const { return bytes_.size(); }
  const std::string& bytes() const { return bytes_; }
  std::string Take() { return std::exchange(bytes_, {}); }

 private:
  std::string bytes_;
};

class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : rest_(bytes) {}

  bool ok() const { return ok_; }
  // Whether everything was read and all of it was well.
  bool done() const { return ok_ && rest_.empty(); }
  size_t left() const { return rest_.size(); }
  void Fail() {
    ok_ = false;
    rest_ = {};
  }

  uint8_t Byte();
  uint64_t Varint();
  int64_t Signed() {
    const uint64_t value = Varint();
    return static_cast<int64_t>(value >> 1 ^ (~(value & 1) + 1));
  }
  uint32_t Fixed32();
  uint64_t Fixed64();
  // A view into the bytes.
  std::string_view Raw(size_t size);
  std::string_view Text();
  // A number of things that take at least `bytes_each` of what is left: safe to reserve for.
  size_t Count(size_t bytes_each = 1);
  // Fails unless the number is below `end`.
  uint64_t Below(uint64_t end);

 private:
  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace voxeld
