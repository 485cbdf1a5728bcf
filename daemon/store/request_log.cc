#include "daemon/store/request_log.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <new>
#include <utility>

#include "voxel/base/hash.h"
#include "voxel/base/slab_allocator.h"

namespace voxeld {
namespace {

constexpr size_t kFixedBytes = 200;      // of an answer's places in the line and the table
constexpr size_t kTextInLine = 8 << 10;  // longer texts stand by themselves
constexpr size_t kFirstTable = 16;

// Of the first blocks of a line, and of all further ones: a project with a few answers stays small.
constexpr std::array<size_t, 4> kLineBlockBytes = {576, 2176, 5184, 16448};

}  // namespace

// An entry's text, id and then answer, follows it.
struct RequestLog::Entry {
  uint64_t id_hash = 0;
  uint64_t request_hash = 0;
  int64_t revision = 0;
  CommitTicket ticket;
  absl::Time since;
  std::unique_ptr<char[]> large;  // the text, if it does not follow
  uint32_t id_bytes = 0;
  uint32_t answer_bytes = 0;
  uint32_t size = 0;       // of entry and text, up to the next one
  bool forgotten = false;  // the table no longer has it

  char* text() { return large != nullptr ? large.get() : reinterpret_cast<char*>(this + 1); }
  std::string_view id() { return {text(), id_bytes}; }
  std::string_view answer() { return {text() + id_bytes, answer_bytes}; }
  int64_t counted() const {
    return static_cast<int64_t>(kFixedBytes + 2 * size_t{id_bytes} + answer_bytes);
  }
};

struct RequestLog::Block {
  Block* next;
  size_t bytes;
  size_t begin;  // of the oldest entry that is left
  size_t end;    // of the last one

  char* at(size_t offset) { return reinterpret_cast<char*>(this) + offset; }
};

RequestLog::~RequestLog() {
  while (lined_up_ > 0) DropOldest();
  if (first_ != nullptr) voxel::SlabFree(first_, first_->bytes);
}

size_t RequestLog::PlaceOf(uint64_t id_hash, std::string_view id) const {
  const size_t mask = table_.size() - 1;
  size_t place = id_hash & mask;
  while (table_[place] != nullptr &&
         (table_[place]->id_hash != id_hash || table_[place]->id() != id)) {
    place = (place + 1) & mask;
  }
  return place;
}

const RequestLog::Found* RequestLog::Find(std::string_view id) {
  if (size_ == 0) return nullptr;
  const size_t place = PlaceOf(HashOf(id), id);
  Entry* const entry = table_[place];
  if (entry == nullptr) return nullptr;
  if (entry->ticket.failed()) {
    Erase(place);
    return nullptr;
  }
  found_ = {entry->request_hash, entry->revision, entry->answer(), entry->ticket};
  return &found_;
}

// Moves those behind up whose way to their place led over the one that gets free.
void RequestLog::Erase(size_t place) {
  table_[place]->forgotten = true;
  --size_;
  const size_t mask = table_.size() - 1;
  for (size_t next = (place + 1) & mask; table_[next] != nullptr; next = (next + 1) & mask) {
    const size_t wanted = table_[next]->id_hash & mask;
    if (((next - wanted) & mask) < ((next - place) & mask)) continue;
    table_[place] = table_[next];
    place = next;
  }
  table_[place] = nullptr;
}

void RequestLog::GrowTable() {
  if (size_ < table_.size() / 4 * 3) return;
  Pages<Entry*> old(table_.size() == 0 ? kFirstTable : 2 * table_.size());
  std::swap(old, table_);
  const size_t mask = table_.size() - 1;
  for (Entry* entry : old) {
    if (entry == nullptr) continue;
    size_t place = entry->id_hash & mask;
    while (table_[place] != nullptr) place = (place + 1) & mask;
    table_[place] = entry;
  }
}

// Salted by where this stands, so that nobody can choose ids that meet.
uint64_t RequestLog::HashOf(std::string_view id) const {
  return voxel::HashBytes(id.data(), id.size(), reinterpret_cast<uintptr_t>(this));
}

RequestLog::Entry* RequestLog::NewEntry(size_t text_bytes) {
  const size_t size = (sizeof(Entry) + text_bytes + alignof(Entry) - 1) & ~(alignof(Entry) - 1);
  if (last_ == nullptr || last_->end + size > last_->bytes) {
    size_t bytes = kLineBlockBytes[std::min(blocks_, kLineBlockBytes.size() - 1)];
    if (sizeof(Block) + size > bytes) bytes = kLineBlockBytes.back();
    auto* block =
        new (voxel::SlabAllocate(bytes)) Block{nullptr, bytes, sizeof(Block), sizeof(Block)};
    if (lined_up_ == 0 && first_ != nullptr) {
      voxel::SlabFree(first_, first_->bytes);
      first_ = last_ = nullptr;
    }
    (last_ == nullptr ? first_ : last_->next) = block;
    last_ = block;
    ++blocks_;
  }
  auto* entry = new (last_->at(last_->end)) Entry;
  entry->size = static_cast<uint32_t>(size);
  last_->end += size;
  ++lined_up_;
  return entry;
}

void RequestLog::Remember(std::string_view id, const Found& request, absl::Time now) {
  GrowTable();
  const size_t text = id.size() + request.answer.size();
  Entry* entry = NewEntry(text <= kTextInLine ? text : 0);
  if (text > kTextInLine) entry->large = std::make_unique<char[]>(text);
  entry->id_hash = HashOf(id);
  entry->request_hash = request.hash;
  entry->revision = request.revision;
  entry->ticket = request.ticket;
  entry->since = now;
  entry->id_bytes = static_cast<uint32_t>(id.size());
  entry->answer_bytes = static_cast<uint32_t>(request.answer.size());
  std::memcpy(entry->text(), id.data(), id.size());
  std::memcpy(entry->text() + id.size(), request.answer.data(), request.answer.size());
  bytes_ += entry->counted();
  const size_t place = PlaceOf(entry->id_hash, id);
  if (table_[place] == nullptr) {
    ++size_;
  } else {
    table_[place]->forgotten = true;
  }
  table_[place] = entry;
  while (lined_up_ > 1 && TooMany(now)) DropOldest();
}

bool RequestLog::TooMany(absl::Time now) const {
  if (bytes_ > limits_.max_bytes) return true;
  const auto* oldest = reinterpret_cast<const Entry*>(first_->at(first_->begin));
  return static_cast<int64_t>(lined_up_) > limits_.max && oldest->since + limits_.keep_for < now;
}

void RequestLog::DropOldest() {
  auto* entry = reinterpret_cast<Entry*>(first_->at(first_->begin));
  if (!entry->forgotten) Erase(PlaceOf(entry->id_hash, entry->id()));
  bytes_ -= entry->counted();
  --lined_up_;
  first_->begin += entry->size;
  entry->~Entry();
  if (first_->begin < first_->end) return;
  if (first_ == last_) {
    first_->begin = first_->end = sizeof(Block);
    return;
  }
  Block* block = std::exchange(first_, first_->next);
  voxel::SlabFree(block, block->bytes);
}

}  // namespace voxeld
